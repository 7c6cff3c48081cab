// Draws one statement with its footnotes, one refusal, or one note that reports differ; `marks.js` stands before this.
// Text from reports and models enters through `textContent` alone; nothing here may use innerHTML, links or images.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".footnote")
  if (!root || !data) return
  hideCard(cardOf(root), 0)
  const drawn = data.differ ? [conflict(data, root)] : data.nearest ? refusal(data) : statement(data, root)
  root.replaceChildren(...drawn)
}

function statement(data, root) {
  const marks = make("span", "marks")
  marks.append(verdict(data.support), ...data.sources.map((source) => mark(source, root)))
  const body = data.table ? table(data.table) : make("p", "text", data.text)
  body.dir = "auto"
  if (data.table) {
    const row = make("div", "row")
    row.append(body, marks)
    return [row]
  }
  // A word joiner keeps the first mark on the line of the last word.
  body.append("\u2060", marks)
  return [body]
}

function refusal(data) {
  const found = [make("p", "sentence", data.text)]
  if (data.reason) found.push(make("p", "quiet", data.reason))
  if (data.step) found.push(make("p", "quiet", data.step))
  if (data.missing.length) found.push(make("p", "quiet", `Not found near each other: ${data.missing.join(", ")}`))
  if (data.nearest.length) {
    found.push(make("p", "quiet", "The nearest places in your reports:"))
    for (const source of data.nearest) {
      const place = make("section", "panel nearest")
      place.append(...quoted(source, ""), read(source))
      found.push(place)
    }
  }
  return found
}

function conflict(data, root) {
  const note = make("section", "differ")
  note.setAttribute("role", "note")
  note.setAttribute("aria-label", data.differ)
  const values = make("ul", "values")
  for (const one of data.values) {
    const item = make("li", "")
    const value = make("span", "value", one.value)
    const title = make("span", "from", one.title)
    for (const text of [value, title]) text.dir = "auto"
    item.append(value, " ", title, " ", make("span", "place", one.when), " ", mark(one, root))
    values.append(item)
  }
  note.append(make("p", "said", `${data.differ}:`), values)
  return note
}

function table([heads, cells]) {
  const found = make("table", "text")
  for (const [tag, texts] of [["th", heads], ["td", cells]]) {
    const row = found.insertRow()
    for (const text of texts) row.append(make(tag, "", text))
  }
  return found
}

function read(source) {
  const found = make("button", "read", "Read the page")
  found.type = "button"
  found.setAttribute("aria-label", `Read ${source.label} of ${source.title}`)
  opening(found, source)
  return found
}
