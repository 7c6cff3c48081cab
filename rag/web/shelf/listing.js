// Draws a page of the list of reports. Text of reports enters through `textContent` alone.

const COLUMNS = [
  ["title", "Title", ""],
  ["date", "Date", ""],
  ["kind", "Kind", ""],
  ["pages", "Pages", "number"],
  ["chunks", "Chunks", "number"],
  ["size", "Size", "number"],
  ["added", "Added", ""],
  ["status", "Status", ""],
]

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".listing")
  if (!root || !data) return
  const ask = (asked) => setTriggerValue("asked", asked)
  const at = root.getRootNode().activeElement?.dataset.at
  root.replaceChildren(table(data, ask), ...(data.pages > 1 ? [pager(data, ask)] : []))
  // Drawn anew after each click: who walks through it by keyboard stays where they were.
  if (data.chosen !== root.dataset.chosen) {
    root.dataset.chosen = data.chosen
    // The list is narrower beside the details, and its rows are higher.
    requestAnimationFrame(() => root.querySelector("tr.chosen")?.scrollIntoView({ block: "nearest" }))
  }
  if (at) [...root.querySelectorAll("[data-at]")].find((one) => one.dataset.at === at)?.focus()
}

function table(data, ask) {
  const found = make("table", "")
  const caption = make("caption", "hidden", "Reports on the shelf. Choose a title for its details.")
  const heads = found.createTHead().insertRow()
  for (const [sort, words, kind] of COLUMNS) heads.append(head(data, ask, { sort, words, kind }))
  const body = found.createTBody()
  for (const row of data.rows) body.append(line(row, data, ask))
  found.prepend(caption)
  return found
}

function head(data, ask, { sort, words, kind }) {
  const cell = make("th", `${sort} ${kind}`)
  cell.scope = "col"
  const sorted = data.sort === sort
  if (sorted) cell.setAttribute("aria-sort", data.falling ? "descending" : "ascending")
  const button = make("button", "")
  button.type = "button"
  button.dataset.at = `sort ${sort}`
  const sign = arrow(sorted ? (data.falling ? "↓" : "↑") : "")
  // Words end where their numbers end.
  button.append(...(kind ? [sign, words] : [words, sign]))
  button.onclick = () => ask({ sort })
  cell.append(button)
  return cell
}

function arrow(sign) {
  const found = make("span", "arrow", sign)
  found.setAttribute("aria-hidden", "true")
  return found
}

function line(row, data, ask) {
  const found = make("tr", row.id === data.chosen ? "chosen" : "")
  const choose = () => ask({ chosen: row.id })
  for (const [column, , kind] of COLUMNS) {
    const cell = make("td", `${column} ${kind}`)
    if (column === "title") cell.append(title(row, data, choose))
    else if (column === "status") cell.append(make("span", row.well ? "well" : "odd", row.status))
    else cell.textContent = row[column] || "–"
    found.append(cell)
  }
  // The whole row for a mouse; the title is the button that a keyboard and a screen reader find.
  found.onclick = (event) => event.target.closest("button") || getSelection().toString() || choose()
  return found
}

function title(row, data, choose) {
  const cell = make("div", "")
  const button = make("button", "open", row.title)
  button.type = "button"
  button.dir = "auto"
  button.dataset.at = row.id
  button.setAttribute("aria-pressed", String(row.id === data.chosen))
  button.onclick = choose
  const pages = row.pages === "1" ? "1 page" : `${row.pages} pages`
  const name = make("div", "name", row.name)
  name.dir = "auto"
  cell.append(button, name, make("div", "short", [row.date, row.kind, pages].filter(Boolean).join(" · ")))
  return cell
}

function pager(data, ask) {
  const found = make("nav", "pager")
  found.setAttribute("aria-label", "Pages of the list")
  const last = data.first + data.rows.length - 1
  const said = make("span", "said", `${count(data.first)} to ${count(last)} of ${count(data.total)}`)
  said.setAttribute("role", "status")
  found.append(step("Previous", data.page - 1, data, ask), said, step("Next", data.page + 1, data, ask))
  return found
}

function step(words, page, data, ask) {
  const found = make("button", "step", words)
  found.type = "button"
  found.dataset.at = words
  found.disabled = page < 0 || page >= data.pages
  found.onclick = () => ask({ page })
  return found
}

function count(number) {
  return number.toLocaleString("en")
}
