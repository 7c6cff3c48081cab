// Stands before the script of every component of ours. Text enters the page through `textContent` alone.

function make(tag, name, text) {
  const found = document.createElement(tag)
  if (name) found.className = name.trim()
  if (text !== undefined) found.textContent = text
  return found
}

