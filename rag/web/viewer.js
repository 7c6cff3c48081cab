// The source panel. `footnote:open` on the window opens it: its detail is {document, page, start, end, title, label, date, quote, gone}.
// Text from reports enters through `textContent` alone; nothing here may use innerHTML. The one picture is our own server's.

const ZOOMS = [1, 1.25, 1.5, 2, 3]
const GONE = "This report has been changed or removed since. The quote is as it was."
const OCR = "The words of this page were read from a picture of it: their places on it are not known."
// From this width on, in pixels, the page makes room for the panel; on less the panel covers it.
const BESIDE = 1000

export default function ({ parentElement }) {
  const root = parentElement.querySelector(".viewer")
  if (!root) return
  const panel = (root.panel ??= new Panel(root))
  const open = (event) => panel.open(event.detail)
  const resize = () => panel.makeRoom()
  const keys = (event) => panel.press(event)
  window.addEventListener("footnote:open", open)
  window.addEventListener("resize", resize)
  window.addEventListener("keydown", keys)
  // Run again when the theme changes: Streamlit then calls only the last cleanup, so each run undoes the one before.
  root.undo?.()
  root.undo = () => {
    window.removeEventListener("footnote:open", open)
    window.removeEventListener("resize", resize)
    window.removeEventListener("keydown", keys)
  }
  return () => {
    root.undo()
    panel.close()
  }
}

class Panel {
  constructor(root) {
    this.root = root
    this.zoom = 0
    this.asText = false
    this.turn = 0
    this.name = make("h2", "title")
    this.place = make("p", "place")
    this.said = make("p", "said")
    this.said.setAttribute("role", "status")
    this.body = make("div", "body")
    this.body.tabIndex = 0
    this.body.setAttribute("role", "region")
    this.body.setAttribute("aria-label", "Page")
    this.back = button("Previous page", "‹", () => this.go(-1))
    this.on = button("Next page", "›", () => this.go(1))
    this.less = button("Zoom out", "−", () => this.scale(-1))
    this.more = button("Zoom in", "+", () => this.scale(1))
    this.text = button("Show the text", "Text", () => this.toggle())
    this.save = make("a", "tool", "Save")
    this.save.setAttribute("download", "")
    this.save.setAttribute("aria-label", "Save the original")
    this.save.title = "Save the original"
    const close = button("Close the source", "✕", () => this.close())
    close.classList.add("close")
    const tools = make("div", "tools")
    tools.setAttribute("role", "toolbar")
    tools.setAttribute("aria-label", "Source")
    this.tools = [this.back, this.on, this.less, this.more, this.text, this.save]
    tools.append(...this.tools)
    const head = make("header", "head")
    const heading = make("div", "heading")
    heading.append(this.name, this.place)
    head.append(heading, close)
    root.replaceChildren(head, tools, this.said, this.body)
  }

  open(source) {
    this.source = source
    this.number = source.page
    this.from = active() || this.from
    this.name.textContent = source.title
    this.name.dir = "auto"
    if (!this.root.matches(":popover-open")) this.root.showPopover()
    this.makeRoom()
    this.root.focus({ preventScroll: true })
    this.load()
  }

  close() {
    if (this.root.matches(":popover-open")) this.root.hidePopover()
    this.turn += 1
    this.makeRoom()
    if (!this.from?.isConnected) return
    // A card that this focus opened would lie over the text that the reader comes back to.
    this.from.cardless = true
    this.from.focus({ preventScroll: true })
    this.from.cardless = false
  }

  press(event) {
    if (event.key === "Escape" && this.root.matches(":popover-open") && !event.defaultPrevented) this.close()
  }

  // The page beside the panel becomes narrower; the rule stands in the page's own head, which is out of our shadow.
  makeRoom() {
    const open = this.root.matches(":popover-open") && window.innerWidth >= BESIDE
    const rule = document.getElementById("footnote-room") ?? document.head.appendChild(make("style", ""))
    rule.id = "footnote-room"
    const room = open
      ? `[data-testid="stAppViewContainer"] { padding-right: ${this.root.offsetWidth}px; box-sizing: border-box }
         [data-testid$="BlockContainer"] { padding-left: 1.5rem; padding-right: 1.5rem }`
      : ""
    if (room === rule.textContent) return
    holding(inSight(this.from), () => {
      rule.textContent = room
    })
  }

  async load() {
    const turn = ++this.turn
    const { source } = this
    this.place.textContent = [source.date, this.number === source.page ? source.label : `page ${this.number}`]
      .filter(Boolean)
      .join(" · ")
    this.say("")
    if (source.gone) return this.showQuote(GONE)
    this.body.setAttribute("aria-busy", "true")
    try {
      const at = this.number === source.page && source.end > source.start ? `?at=${source.start}-${source.end}` : ""
      const reply = await fetch(address(`${source.document}/${this.number}${at}`))
      const found = await reply.json()
      if (turn !== this.turn) return
      if (!reply.ok) return this.showQuote(found.error)
      this.page = found
      this.show()
    } catch {
      if (turn === this.turn) this.showQuote("The page could not be fetched: the server does not answer. Is it still running?")
    } finally {
      if (turn === this.turn) this.body.removeAttribute("aria-busy")
    }
  }

  show() {
    const { page } = this
    for (const tool of this.tools) tool.hidden = false
    this.name.textContent = page.title
    this.place.textContent = [page.date, page.label, `${page.page} of ${page.pages}`].filter(Boolean).join(" · ")
    this.save.href = address(`${this.source.document}/original`)
    this.back.disabled = page.page <= 1
    this.on.disabled = page.page >= page.pages
    const drawn = page.drawn && !this.asText
    this.text.hidden = !page.drawn
    this.text.textContent = this.asText ? "Page" : "Text"
    this.text.setAttribute("aria-label", this.asText ? "Show the page" : "Show the text")
    this.less.disabled = this.zoom <= 0
    this.more.disabled = this.zoom >= ZOOMS.length - 1
    const marked = page.sections.some((section) => section.rows.flat(2).some((piece) => piece.marked))
    this.say(page.note || (drawn && marked && !page.boxes.length ? OCR : ""))
    this.body.replaceChildren(drawn ? this.sheet() : this.words())
    if (drawn && marked && !page.boxes.length) this.body.append(this.words())
    this.body.style.setProperty("--zoom", ZOOMS[this.zoom])
    this.body.scrollTo(0, 0)
    const first = this.body.querySelector(".box, mark")
    if (first) this.bring(first)
  }

  bring(first) {
    const [own, its] = [this.body.getBoundingClientRect(), first.getBoundingClientRect()]
    this.body.scrollTop += its.top - own.top - own.height / 4
    this.body.scrollLeft += Math.max(0, its.right - own.right + 16)
  }

  sheet() {
    const { page, source } = this
    const found = make("div", "sheet")
    const picture = make("img", "picture")
    const wide = Math.ceil((this.body.clientWidth * ZOOMS[this.zoom] * window.devicePixelRatio) / 200) * 200
    picture.src = address(`${source.document}/${page.page}.png?width=${wide}`)
    picture.alt = `${page.label} of ${page.title}`
    picture.onload = () => found.querySelector(".box") && this.bring(found.querySelector(".box"))
    picture.onerror = () => this.say("The page could not be drawn. Its text is still there: press Text.")
    found.append(picture)
    for (const { left, top, right, bottom } of page.boxes) {
      const box = make("div", "box")
      for (const [name, share] of [["left", left], ["top", top], ["width", right - left], ["height", bottom - top]]) {
        box.style[name] = `${share * 100}%`
      }
      found.append(box)
    }
    return found
  }

  words() {
    const found = make("div", "words")
    found.dir = "auto"
    // Lines of a text file end where its writer wanted; elsewhere they end where the file was folded.
    found.classList.toggle("kept", this.page.kind === "text")
    if (!this.page.sections.length) found.append(make("p", "place", "This page holds no text."))
    for (const section of this.page.sections) found.append(drawSection(section))
    return found
  }

  showQuote(why) {
    this.say(why)
    for (const tool of this.tools) tool.hidden = true
    this.body.replaceChildren()
    if (!this.source.quote) return
    const quote = make("blockquote", "quote", this.source.quote)
    quote.dir = "auto"
    this.body.append(quote)
  }

  say(words) {
    this.said.textContent = words
    this.said.hidden = !words
  }

  go(by) {
    this.number += by
    this.load()
  }

  scale(by) {
    this.zoom = Math.min(Math.max(this.zoom + by, 0), ZOOMS.length - 1)
    this.show()
  }

  toggle() {
    this.asText = !this.asText
    this.show()
  }
}

// Do what has the page's lines fold anew, and keep an element at its height in the window.
function holding(element, change) {
  const before = element?.getBoundingClientRect().top
  change()
  for (const one of scrollers(element)) one.scrollTop += element.getBoundingClientRect().top - before
}

// The element while it is seen; else what stands in the middle of the page.
function inSight(element) {
  const middle = window.innerHeight / 2
  const top = element?.isConnected ? element.getBoundingClientRect().top : -1
  return top >= 0 && top < window.innerHeight ? element : document.elementFromPoint(window.innerWidth / 3, middle)
}

function drawSection({ kind, rows, level, headed }) {
  if (kind !== "table") {
    const found = kind === "heading" ? make(`h${Math.min(level + 2, 6)}`, "") : make("p", kind)
    found.append(...pieces(rows[0][0]))
    return found
  }
  const table = make("table", "")
  rows.forEach((cells, at) => {
    const row = table.insertRow()
    for (const cell of cells) {
      const place = row.appendChild(make(headed && at === 0 ? "th" : "td", ""))
      place.append(...pieces(cell))
    }
  })
  const frame = make("div", "wide")
  frame.append(table)
  return frame
}

function pieces(line) {
  return line.map(({ text, marked }) => (marked ? make("mark", "", text) : document.createTextNode(text)))
}

function address(path) {
  return new URL(`source/${path}`, document.baseURI).href
}

// What has the focus, inside of shadows too.
function active() {
  let found = document.activeElement
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
  return found === document.body ? null : found
}

function button(label, text, press) {
  const found = make("button", "tool", text)
  found.type = "button"
  found.title = label
  found.setAttribute("aria-label", label)
  found.onclick = press
  return found
}
