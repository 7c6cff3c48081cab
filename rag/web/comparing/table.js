// Draws the table of a comparison and fills its cells as they come. Text from reports and models enters through
// `textContent` alone; nothing here may use innerHTML, links or images.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".comparison")
  if (!root || !data) return
  const shape = JSON.stringify([data.questions, data.reports])
  if (root.dataset.shape !== shape) {
    root.replaceChildren(frame(data))
    root.dataset.shape = shape
  }
  const places = root.querySelectorAll("td.cell")
  places.forEach((place, at) => {
    const cell = data.cells[at]
    const sources = cell ? cited(cell, data.sources) : {}
    const words = cell ? "" : waiting(at, data)
    const given = JSON.stringify(cell ? [cell, sources] : words)
    // What is there already is not drawn again: a part of it may be open, selected or in focus.
    if (place.given === given) return
    place.given = given
    place.replaceChildren(...(cell ? filled(cell, sources, place) : words ? [make("p", "quiet", words)] : []))
  })
}

function frame(data) {
  const scroller = make("div", "scroller")
  // It scrolls with the keyboard, too.
  scroller.tabIndex = 0
  scroller.setAttribute("role", "region")
  scroller.setAttribute("aria-label", "Comparison: reports by questions")
  const table = make("table", "reports")
  table.style.setProperty("--questions", data.questions.length)
  const head = table.createTHead().insertRow()
  for (const text of ["Report", ...data.questions]) {
    const cell = make("th", "question", text)
    cell.scope = "col"
    cell.dir = "auto"
    head.append(cell)
  }
  const body = table.createTBody()
  for (const report of data.reports) {
    const row = body.insertRow()
    const name = make("th", "report")
    name.scope = "row"
    const title = make("span", "title", report.title)
    title.dir = "auto"
    name.append(title, make("span", "date", report.date))
    row.append(name, ...data.questions.map(() => make("td", "cell")))
  }
  scroller.append(table)
  return scroller
}

function waiting(at, data) {
  if (data.done) return "Not asked"
  return at === data.cells.length ? "Reading …" : ""
}

function cited(cell, sources) {
  const numbers = cell.statements.flatMap((one) => one.citations)
  return Object.fromEntries(numbers.map((number) => [number, sources[number - 1]]))
}

function filled(cell, sources, place) {
  if (cell.instead) return [make("p", cell.failed ? "failed" : "quiet", cell.instead)]
  const drawn = cell.statements.map((one) => statement(one, sources, place))
  const rest = drawn.slice(cell.brief)
  if (!rest.length) return drawn
  for (const one of rest) one.hidden = true
  const more = make("button", "more")
  const say = (open) => {
    more.textContent = open ? "Less" : `${rest.length} more ${rest.length === 1 ? "sentence" : "sentences"}`
    more.setAttribute("aria-expanded", String(open))
  }
  more.type = "button"
  more.onclick = () => {
    const open = rest[0].hidden
    for (const one of rest) one.hidden = !open
    say(open)
  }
  say(false)
  return [...drawn, more]
}

function statement(data, sources, root) {
  const found = make("div", "statement")
  const marks = make("span", "marks")
  marks.append(verdict(data.support), ...data.citations.map((number) => mark(sources[number], root)))
  const body = data.table ? pairs(data.table) : make("p", "text", data.text)
  body.dir = "auto"
  if (data.table) {
    found.append(body, marks)
    return found
  }
  // A word joiner keeps the first mark on the line of the last word.
  body.append("\u2060", marks)
  found.append(body)
  return found
}

// A row of a report's table, each value below its head: side by side there is no room for it in a cell.
function pairs([heads, values]) {
  const found = make("dl", "pairs")
  heads.forEach((head, at) => {
    if (values[at].trim()) found.append(make("dt", "", head), make("dd", "", values[at]))
  })
  return found
}
