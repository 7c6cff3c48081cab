// Draws one report's facts. Text of reports enters through `textContent` alone.

// Pixels at the top of the window that Streamlit's header covers.
const HEADER = 60

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".facts")
  if (!root || !data) return
  const title = make("h3", "title", data.title)
  title.dir = "auto"
  title.tabIndex = -1
  root.replaceChildren(title, ways(data), facts(data), ...warnings(data))
  // Who chose it in a long list, or on a phone, finds it without a search.
  if (!root.dataset.shown) {
    root.dataset.shown = "yes"
    title.focus({ preventScroll: true })
    const { top } = title.getBoundingClientRect()
    if (top < HEADER || top > innerHeight / 2) title.scrollIntoView({ block: "start" })
  }
}

function ways(data) {
  const found = make("div", "ways")
  const open = make("button", "way", "Open")
  open.type = "button"
  open.setAttribute("aria-label", `Open ${data.title}`)
  open.onclick = () => show(data, 1, data.first)
  found.append(open)
  if (data.original) {
    const save = make("a", "way", "Download the original")
    save.href = data.original
    save.download = ""
    found.append(save)
  }
  return found
}

function facts(data) {
  const found = make("dl", "")
  for (const [name, value] of data.facts) {
    const said = make("dd", "", value)
    said.dir = "auto"
    found.append(make("dt", "", name), said)
  }
  return found
}

function warnings(data) {
  if (!data.notes.length) return []
  const list = make("ul", "notes")
  for (const note of data.notes) {
    const item = make("li", "")
    if (note.page) {
      const open = make("button", "page", `Page ${note.page}`)
      open.type = "button"
      open.onclick = () => show(data, note.page, note.label)
      item.append(open, " ")
    }
    const said = make("span", "", note.message)
    said.dir = "auto"
    item.append(said)
    list.append(item)
  }
  if (data.more > 0) list.append(make("li", "", `${data.more} more`))
  return [make("h4", "", "Warnings by page"), list]
}

function show(data, page, label) {
  const { document: bytes, title, date } = data
  const detail = { document: bytes, page, start: 0, end: 0, title, label, date, quote: "", gone: false }
  window.dispatchEvent(new CustomEvent("footnote:open", { detail }))
}
