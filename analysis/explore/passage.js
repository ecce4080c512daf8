// Blocks of text with marked pieces, or a page in a frame of its own in which nothing runs.
function render({ model, el }) {
  el.classList.add("gb-passage");

  function draw() {
    el.replaceChildren();
    for (const { kind, pieces } of model.get("blocks")) {
      const block = document.createElement("p");
      block.className = `gb-${kind}`;
      for (const [text, marked] of pieces) {
        const piece = document.createElement(marked ? "mark" : "span");
        piece.textContent = text;
        block.appendChild(piece);
      }
      el.appendChild(block);
    }
    if (model.get("page")) {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "");
      frame.srcdoc = model.get("page");
      el.appendChild(frame);
    }
    const here = el.querySelector(".gb-here");
    if (here) el.scrollTop = here.offsetTop - el.clientHeight / 3;
  }

  draw();
  model.on("change:blocks", draw);
  model.on("change:page", draw);
}

export default { render };
