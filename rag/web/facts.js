// Draws a list of names and values. Text enters through `textContent` alone.

export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".facts")
  if (!list || !data) return
  list.replaceChildren(...data.facts.map(fact))
}

function fact({ name, value, note }) {
  const found = document.createElement("div")
  const said = make("dd", value)
  if (note) {
    const small = make("span", note)
    small.className = "note"
    // Spoken as two pieces: side by side they would be one word.
    said.append(" ", small)
  }
  found.append(make("dt", name), said)
  return found
}

function make(tag, text) {
  const found = document.createElement(tag)
  found.textContent = text
  found.dir = "auto"
  return found
}
