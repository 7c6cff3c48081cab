// Brings a new question to the top of the page while its answer grows below it, until someone moves the page; and the
// last question of a conversation that is opened.

// Room above the question, in pixels: Streamlit's header lies over the page there.
const ROOM = 92
let leave = () => {}
// The question that the page has room below for, and the page's content, which is as high as that takes.
let room = {}
// The conversation that the page stands in, and the tops of its questions.
let talk = ""
let places = []

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".asked")
  if (!place) return
  places = places.filter((one) => one.isConnected)
  // Back from another page, the conversation is opened anew.
  if (!places.length) talk = ""
  if (!places.includes(place)) places.push(place)
  // Once: the page is drawn again whenever something changes, and must not move then.
  const opened = data.last && data.talk !== talk
  if (opened || (data.new && !place.dataset.followed)) {
    talk = data.talk
    if (data.new) place.dataset.followed = "yes"
    leave()
    leave = follow(place, scrollers(place)[0])
  }
  return () => {
    if (room.place !== place) return
    room.content.style.minHeight = ""
    room = {}
  }
}

function follow(place, page) {
  const over = new AbortController()
  const sizes = new ResizeObserver(() => {
    if (!place.isConnected) return end()
    makeRoom(place, page)
    page.scrollTop += place.getBoundingClientRect().top - ROOM
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

// The question stands at the top from the first moment, however short its answer is: nothing moves while that grows.
function makeRoom(place, page) {
  const content = page.querySelector('[data-testid="stMainBlockContainer"]')
  const above = place.getBoundingClientRect().top - content.getBoundingClientRect().top
  // The first question is there already.
  if (above < 2 * ROOM) return
  const box = page.querySelector('[data-testid="stBottom"]')?.offsetHeight ?? 0
  content.style.minHeight = `${above + page.clientHeight - ROOM - box}px`
  room = { place, content }
}
