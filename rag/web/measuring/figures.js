// Draws figures with their intervals, differences of figures, or a table of them. Text enters through `textContent`
// alone.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".figures")
  if (!root || !data) return
  root.replaceChildren(...(data.heads ? [table(data)] : data.groups.flatMap(group)))
}

function group({ title, rows }) {
  const list = make("ul", "rows")
  list.append(...rows.map(row))
  if (!title) return [list]
  const head = make("h3", "", title)
  head.id = `group-${title.replace(/\W+/g, "-")}`
  list.setAttribute("aria-labelledby", head.id)
  return [head, list]
}

function row(figure) {
  const item = make("li", "row")
  const name = make("div", "name")
  name.append(make("span", "label", figure.label), " ", make("span", "words", figure.words))
  const said = make("div", "said")
  if (figure.before) said.append(make("span", "from", `${figure.before} → ${figure.after}`), " ")
  said.append(make("span", "value", figure.value), " ", make("span", "interval", figure.interval))
  if (figure.verdict) said.append(" ", make("span", `verdict ${figure.verdict}`, figure.verdict))
  if (figure.of) said.append(" ", make("span", "of", figure.of))
  item.append(name, said, figure.scale ? scale(figure.scale, figure.verdict) : make("div", "scale none"))
  return item
}

// The interval as a bar with a dot where the value is, along a line from one end of the scale to the other.
function scale({ low, high, at, zero }, verdict) {
  const found = make("div", `scale ${verdict || ""}`)
  found.setAttribute("aria-hidden", "true")
  if (zero !== null) found.append(placed("zero", zero, zero))
  found.append(placed("reach", low, high), placed("dot", at, at))
  return found
}

function placed(name, from, to) {
  const found = make("span", name)
  found.style.left = `${100 * from}%`
  found.style.width = name === "reach" ? `${100 * (to - from)}%` : ""
  return found
}

function table({ heads, lines, caption }) {
  // A region of its own that scrolls by keyboard too: on a phone a table is wider than the page.
  const region = make("div", "region")
  region.tabIndex = 0
  region.setAttribute("role", "region")
  region.setAttribute("aria-label", caption)
  const found = make("table", "")
  const top = found.createTHead().insertRow()
  for (const text of heads) {
    const cell = make("th", "", text)
    cell.scope = "col"
    top.append(cell)
  }
  const body = found.createTBody()
  for (const line of lines) {
    const drawn = body.insertRow()
    const name = make("th", "", line.name)
    name.scope = "row"
    name.dir = "auto"
    drawn.append(name, ...line.cells.map(cell))
  }
  region.append(found)
  return region
}

function cell({ value, note }) {
  const found = make("td", "")
  found.append(make("span", "value", value))
  if (note) found.append(" ", make("span", "interval", note))
  return found
}
