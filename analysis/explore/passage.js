// Blocks of text with marked pieces, or a page in a frame of its own in which nothing runs.
function render({ model, el }) {
  el.classList.add("gb-passage");

  function draw() {
    el.replaceChildren();
    for (const { kind, pieces, id } of model.get("blocks")) {
      const block = document.createElement("p");
      block.className = `gb-${kind}`;
      if (kind === "error") block.setAttribute("role", "alert");
      else if (kind === "note" || kind === "done") block.setAttribute("role", "status");
      for (const [text, marked, themes] of pieces) {
        const piece = document.createElement(marked ? "mark" : "span");
        piece.textContent = text;
        for (const [number, name] of themes ?? []) {
          piece.classList.add("gb-theme", `gb-theme-${number % 10}`);
          piece.title = piece.title ? `${piece.title}; ${name}` : name;
        }
        block.appendChild(piece);
      }
      if (id) reads(block, id);
      el.appendChild(block);
    }
    el.tabIndex = el.querySelector(".gb-sentence, .gb-here") ? 0 : -1;
    if (model.get("page")) {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "");
      frame.srcdoc = model.get("page");
      el.appendChild(frame);
    }
    show(el.querySelector(".gb-here"));
  }

  function reads(block, id) {
    block.classList.add("gb-read");
    block.onclick = () => {
      model.set("chosen", id);
      model.save_changes();
    };
  }

  function show(one) {
    if (one) el.scrollTop += one.getBoundingClientRect().top - el.getBoundingClientRect().top - 90;
  }

  el.addEventListener("keydown", (event) => { // n and p: the next mark, and the one before
    event.stopPropagation();
    const by = { n: 1, p: -1 }[event.key];
    const marks = [...el.querySelectorAll("mark")];
    if (!by || !marks.length) return;
    const now = marks.findIndex((one) => one.classList.contains("gb-now"));
    marks[now]?.classList.remove("gb-now");
    const next = marks[(now + by + marks.length) % marks.length];
    next.classList.add("gb-now");
    show(next);
  });

  draw();
  model.on("change:blocks", draw);
  model.on("change:page", draw);
}

export default { render };
