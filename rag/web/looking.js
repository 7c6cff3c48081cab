// Asks for a look at the world now and then, while the page rests. A look asked for during a run of the page would wait
// for its end and follow it so closely that the chat's box, which opens when it sees that end, may miss it.

// A look that leaves after the click on another page's link, and before that page begins, brings this page back: the
// server runs the page of what was asked for last.
const LEAVING = 10_000

export default function ({ data, parentElement, setTriggerValue }) {
  // Called again whenever it is drawn again.
  stop(parentElement)
  parentElement.leave = ({ target }) => {
    if (target.closest("a[href]")) parentElement.left = Date.now()
  }
  document.addEventListener("click", parentElement.leave, true)
  parentElement.timer = setInterval(() => {
    if (Date.now() - (parentElement.left ?? 0) < LEAVING) return
    if (document.querySelector(".stApp").dataset.testScriptState !== "notRunning") return
    // What else waits for the end of a run, such as a thumb pressed meanwhile, can hide it from the box as well.
    const box = document.querySelector('[data-testid="stChatInputTextArea"]')
    setTriggerValue("due", box?.disabled ? "closed" : "open")
  }, data.every * 1000)
  return () => stop(parentElement)
}

function stop(parentElement) {
  clearInterval(parentElement.timer)
  document.removeEventListener("click", parentElement.leave, true)
}
