// Asks for a look at the world now and then, while the page rests. A look asked for during a run of the page would wait
// for its end and follow it so closely that the chat's box, which opens when it sees that end, may miss it.

export default function ({ data, parentElement, setTriggerValue }) {
  // Called again whenever it is drawn again.
  clearInterval(parentElement.timer)
  parentElement.timer = setInterval(() => {
    if (document.querySelector(".stApp").dataset.testScriptState !== "notRunning") return
    // What else waits for the end of a run, such as a thumb pressed meanwhile, can hide it from the box as well.
    const box = document.querySelector('[data-testid="stChatInputTextArea"]')
    setTriggerValue("due", box?.disabled ? "closed" : "open")
  }, data.every * 1000)
  return () => clearInterval(parentElement.timer)
}
