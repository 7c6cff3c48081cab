// Streamlit names a tick box by the Markdown of its label, with every backslash: it gets the words that are seen.

const JOINER = /\u2060/g

export default function ({ parentElement }) {
  const host = parentElement.getRootNode().host
  host.watching?.disconnect()
  host.watching = new MutationObserver(name)
  host.watching.observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-label"] })
  name()
  return () => host.watching.disconnect()
}

function name() {
  for (const box of document.querySelectorAll('input[type="checkbox"][aria-label]')) {
    const seen = box.closest("label")?.textContent.replace(JOINER, "").replace(/\s+/g, " ").trim()
    if (seen && seen !== box.getAttribute("aria-label")) box.setAttribute("aria-label", seen)
  }
}
