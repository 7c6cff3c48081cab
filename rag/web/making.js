// Stands before the script of every component of ours. Text enters the page through `textContent` alone.

function make(tag, name, text) {
  const found = document.createElement(tag)
  if (name) found.className = name.trim()
  if (text !== undefined) found.textContent = text
  return found
}

// What scrolls up and down around an element, the nearest first; they are looked for outside of its shadow, too.
function scrollers(element) {
  const found = []
  for (let one = element; one; one = one.parentElement ?? one.getRootNode().host) {
    if (["auto", "scroll"].includes(getComputedStyle(one).overflowY)) found.push(one)
  }
  return found
}

