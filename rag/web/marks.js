// Verdicts and numbered footnotes: hovering or focusing one shows its quote on a card, a click opens its page in the source panel.
// This text stands before a component's own script. Text from reports enters through `textContent` alone.

const VERDICTS = {
  verified: ["verified", "Verified: what it cites says this."],
  partial: ["partly supported", "What it cites supports a part of this only."],
  unsupported: ["not supported", "What it cites does not support this."],
}
const GONE = "This report has been changed or removed since. The quote is as it was."
// Milliseconds: time to move from a footnote onto its card.
const LINGER = 180

function verdict(support) {
  const [words, help] = VERDICTS[support] || VERDICTS.unsupported
  const found = make("span", `verdict ${support}`)
  found.title = help
  found.append(make("span", support === "verified" ? "hidden" : "words", words))
  return found
}

function mark(source, root) {
  const found = make("button", "mark", String(source.number))
  found.type = "button"
  found.setAttribute("aria-label", `Footnote ${source.number}: ${source.title}, ${source.label}`)
  opening(found, source)
  const card = cardOf(root)
  found.onmouseenter = () => showCard(card, found, source)
  found.onfocus = () => !found.cardless && found.matches(":focus-visible") && showCard(card, found, source)
  found.onmouseleave = () => hideCard(card, LINGER)
  found.onblur = () => hideCard(card, 0)
  found.onkeydown = (event) => {
    if (event.key !== "Escape" || !card.matches(":popover-open")) return
    event.preventDefault()
    hideCard(card, 0)
  }
  return found
}

// Make a click open the source's page.
function opening(button, source) {
  button.addEventListener("click", () => {
    button.focus({ preventScroll: true })
    const card = button.getRootNode().querySelector(".card")
    if (card) hideCard(card, 0)
    window.dispatchEvent(new CustomEvent("footnote:open", { detail: source }))
  })
}

function cardOf(root) {
  const place = root.getRootNode()
  const kept = place.querySelector(".card")
  if (kept) return kept
  const card = make("div", "card")
  card.popover = "manual"
  card.setAttribute("role", "tooltip")
  card.onmouseenter = () => clearTimeout(card.leaving)
  card.onmouseleave = () => hideCard(card, LINGER)
  place.append(card)
  return card
}

function showCard(card, button, source) {
  clearTimeout(card.leaving)
  card.replaceChildren(...quoted(source, ""))
  if (!card.matches(":popover-open")) card.showPopover()
  const [at, own] = [button.getBoundingClientRect(), card.getBoundingClientRect()]
  const left = Math.min(Math.max(8, at.left + at.width / 2 - own.width / 2), window.innerWidth - own.width - 8)
  const below = at.bottom + 6 + own.height <= window.innerHeight || at.top < own.height
  card.style.left = `${left}px`
  card.style.top = `${below ? at.bottom + 6 : at.top - own.height - 6}px`
}

function hideCard(card, after) {
  clearTimeout(card.leaving)
  const hide = () => card.matches(":popover-open") && card.hidePopover()
  if (after) card.leaving = setTimeout(hide, after)
  else hide()
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
