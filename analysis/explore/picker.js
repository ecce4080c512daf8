// Regions by years: which reports are looked at. Texts are put in as text, never as markup.
const ROWS = 300; // regions drawn at once; of more one types a part of the name

function render({ model, el }) {
  el.classList.add("gb-picker");
  const words = model.get("words");
  const top = element("div", el, { class: "gb-picked" });
  const said = element("span", top, { role: "status" });
  const all = element("button", top, { text: words.all });
  const parts = element("span", top);
  const find = element("input", top, { placeholder: words.find, "aria-label": words.find });
  const grid = element("div", el, { class: "gb-grid" });
  const table = element("table", grid, { role: "grid", "aria-label": words.grid });
  let at = [0, 0]; // the one cell that Tab stops at
  let shown = [];

  function ask(what) {
    model.set("act", { ...what, number: (model.get("act").number ?? 0) + 1 });
    model.save_changes();
  }

  function toggle(parent, text, pressed, what, title = "") {
    const button = element("button", parent, { text, title, tabindex: -1, "aria-pressed": pressed });
    button.onclick = () => ask(what);
    return button;
  }

  function rows() {
    table.replaceChildren();
    const { regions, labels, years, reports, chosen, heads } = model.get("offer");
    const text = find.value.trim().toLowerCase();
    const fits = regions.map((_, n) => n).filter(
      (n) => !text || regions[n].includes(text) || labels[n].toLowerCase().includes(text));
    shown = fits.slice(0, ROWS);
    const head = element("tr", element("thead", table));
    element("th", head, { text: fits.length > ROWS ? `${ROWS} / ${fits.length}` : `${fits.length} ↓` });
    years.forEach((year, n) => {
      const cell = element("th", head, { scope: "col" });
      toggle(cell, year, heads.years[n], { kind: "years", value: n });
    });
    const body = element("tbody", table);
    shown.forEach((n) => {
      const row = element("tr", body);
      const cell = element("th", row, { scope: "row" });
      toggle(cell, labels[n], heads.regions[n], { kind: "regions", value: n }, regions[n]);
      years.forEach((year, y) => {
        const own = element("td", row);
        if (!reports[n][y]) return;
        const label = `${labels[n]} ${year}: ${reports[n][y]}`;
        const mark = reports[n][y] > 1 ? reports[n][y] : "■";
        const button = toggle(own, mark, chosen[n][y], { kind: "cell", value: [n, y] }, label);
        button.setAttribute("aria-label", label);
      });
    });
    stop();
  }

  function button([row, column]) {
    return table.rows[row]?.cells[column]?.querySelector("button");
  }

  function stop(focus = false) {
    table.querySelectorAll("button").forEach((one) => { one.tabIndex = -1; });
    const here = button(at) ?? table.querySelector("button");
    if (!here) return;
    here.tabIndex = 0;
    if (focus) here.focus();
  }

  function move(event) {
    const by = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
    event.stopPropagation(); // no shortcut of the notebook's
    if (!by[event.key]) return;
    event.preventDefault();
    let [row, column] = at;
    do {
      [row, column] = [row + by[event.key][0], column + by[event.key][1]];
      if (row < 0 || row >= table.rows.length) return;
      if (column < 0 || column >= table.rows[row].cells.length) return;
    } while (!button([row, column]));
    at = [row, column];
    stop(true);
  }

  function draw() {
    const focused = table.contains(document.activeElement);
    said.textContent = model.get("offer").said;
    parts.replaceChildren();
    for (const [key, label, pressed] of model.get("offer").parts) {
      toggle(parts, label, pressed, { kind: "parts", value: key }).tabIndex = 0;
    }
    find.hidden = model.get("offer").regions.length < 12;
    rows();
    if (focused) stop(true);
  }

  all.onclick = () => ask({ kind: "all" });
  find.oninput = rows;
  find.onkeydown = (event) => event.stopPropagation();
  table.onkeydown = move;
  table.onfocusin = (event) => {
    const cell = event.target.closest("th, td");
    if (cell) at = [cell.parentElement.rowIndex, cell.cellIndex];
    stop();
  };
  draw();
  model.on("change:offer", draw);
}

export default { render };
