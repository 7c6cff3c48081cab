// Draws a list of names and values. Text enters through `textContent` alone.

export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".facts")
  if (!list || !data) return
  list.replaceChildren(...data.facts.map(fact))
}

function fact({ name, value, note }) {
  const found = make("div")
  const said = worded("dd", value)
  if (note) {
    const small = worded("span", note)
    small.className = "note"
    // Spoken as two pieces: side by side they would be one word.
    said.append(" ", small)
  }
  found.append(worded("dt", name), said)
  return found
}

function worded(tag, text) {
  const found = make(tag, "", text)
  found.dir = "auto"
  return found
}
