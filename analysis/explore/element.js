// What every script here begins with: an element with its text and attributes, in its parent.
const DRAWN = "http://www.w3.org/2000/svg";

function element(name, parent, { text, ...more } = {}) {
  const drawn = name === "svg" || parent.namespaceURI === DRAWN;
  const made = drawn ? document.createElementNS(DRAWN, name) : document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(more)) made.setAttribute(key, value);
  parent.appendChild(made);
  return made;
}
