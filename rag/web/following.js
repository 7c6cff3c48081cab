// Brings a new question to the top of the page while its answer grows below it, until someone moves the page.

// Room above the question, in pixels: Streamlit's header lies over the page there.
const ROOM = 92
let leave = () => {}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".asked")
  if (!place || !data.new || place.dataset.followed) return
  // Once: the page is drawn again whenever something changes, and must not move then.
  place.dataset.followed = "yes"
  leave()
  leave = follow(place, scroller(parentElement.getRootNode().host))
}

function follow(place, page) {
  const over = new AbortController()
  // Until the answer is long enough, this is the end of the page; from then on it is the question.
  const sizes = new ResizeObserver(() => {
    if (place.isConnected) page.scrollTop += place.getBoundingClientRect().top - ROOM
    else end()
  })
  const end = () => {
    over.abort()
    sizes.disconnect()
  }
  // Whoever writes the next question moves nothing.
  const touched = (event) => event.target.closest("textarea, input") || end()
  const options = { passive: true, signal: over.signal }
  for (const kind of ["wheel", "touchmove"]) page.addEventListener(kind, end, options)
  page.addEventListener("pointerdown", touched, options)
  document.addEventListener("keydown", touched, options)
  for (const one of [page, ...page.children]) sizes.observe(one)
  return end
}

function scroller(element) {
  const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowY)
  let found = element
  while (found.parentElement && !scrolls(found)) found = found.parentElement
  return found
}
