// Draws one statement with its footnotes, one refusal, or one note that reports differ. Text from reports and models enters through `textContent`
// alone; nothing here may use innerHTML, links or images.

const VERDICTS = {
  verified: ["verified", "Verified: what it cites says this."],
  partial: ["partly supported", "What it cites supports a part of this only."],
  unsupported: ["not supported", "What it cites does not support this."],
}
const GONE = "This report has been changed or removed since. The quote is as it was."

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".footnote")
  if (!root || !data) return
  const open = root.dataset.open
  root.replaceChildren(...(data.differ ? [conflict(data)] : data.nearest ? refusal(data) : statement(data, root)))
  // Drawn anew when the theme or the library changes: what was open stays open.
  if (open) toggle(root, open)
}

function statement(data, root) {
  const marks = make("span", "marks")
  marks.append(verdict(data.support), ...data.sources.map((source) => mark(source, root)))
  const body = data.table ? table(data.table) : make("p", "text", data.text)
  body.dir = "auto"
  if (data.table) {
    const row = make("div", "row")
    row.append(body, marks)
    return [row, ...data.sources.map(panel)]
  }
  // A word joiner keeps the first mark on the line of the last word.
  body.append("\u2060", marks)
  return [body, ...data.sources.map(panel)]
}

function verdict(support) {
  const [words, help] = VERDICTS[support] || VERDICTS.unsupported
  const found = make("span", `verdict ${support}`)
  found.title = help
  found.append(make("span", support === "verified" ? "hidden" : "words", words))
  return found
}

function mark(source, root) {
  const button = make("button", "mark", String(source.number))
  button.type = "button"
  button.dataset.number = source.number
  button.setAttribute("aria-expanded", "false")
  button.setAttribute("aria-controls", `panel-${source.number}`)
  button.setAttribute("aria-label", `Footnote ${source.number}: ${source.title}, ${source.label}`)
  button.title = `${source.title}, ${source.label}`
  button.onclick = () => toggle(root, String(source.number))
  return button
}

function panel(source) {
  const found = make("section", "panel")
  found.id = `panel-${source.number}`
  found.dataset.number = source.number
  found.hidden = true
  found.append(...quoted(source, `${source.number}`))
  return found
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
      place.append(...quoted(source, ""))
      found.push(place)
    }
  }
  return found
}

function conflict(data) {
  const note = make("section", "differ")
  note.setAttribute("role", "note")
  note.setAttribute("aria-label", data.differ)
  const values = make("ul", "values")
  for (const one of data.values) {
    const item = make("li", "")
    const value = make("span", "value", one.value)
    const title = make("span", "from", one.title)
    for (const text of [value, title]) text.dir = "auto"
    const number = make("span", "number")
    number.append(make("span", "hidden", "footnote "), String(one.number))
    item.append(value, " ", title, " ", make("span", "place", one.date), " ", number)
    values.append(item)
  }
  note.append(make("p", "said", `${data.differ}:`), values)
  return note
}

function quoted(source, number) {
  const head = make("div", "head")
  if (number) head.append(make("span", "number", number))
  const title = make("span", "title", source.title)
  title.dir = "auto"
  head.append(title, make("span", "place", [source.date, source.label].filter(Boolean).join(" · ")))
  const quote = make("blockquote", "quote", source.quote)
  quote.dir = "auto"
  return source.gone ? [head, quote, make("div", "gone", GONE)] : [head, quote]
}

function table([heads, cells]) {
  const found = make("table", "text")
  for (const [tag, texts] of [["th", heads], ["td", cells]]) {
    const row = found.insertRow()
    for (const text of texts) row.append(make(tag, "", text))
  }
  return found
}

function toggle(root, number) {
  const opens = [...root.querySelectorAll(".mark")].some(
    (button) => button.dataset.number === number && button.getAttribute("aria-expanded") === "false",
  )
  for (const button of root.querySelectorAll(".mark")) {
    button.setAttribute("aria-expanded", String(opens && button.dataset.number === number))
  }
  for (const one of root.querySelectorAll(".panel")) one.hidden = !(opens && one.dataset.number === number)
  if (opens) root.dataset.open = number
  else delete root.dataset.open
}

function make(tag, name, text) {
  const found = document.createElement(tag)
  if (name) found.className = name
  if (text !== undefined) found.textContent = text
  return found
}
