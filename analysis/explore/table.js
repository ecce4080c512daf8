// A page of a table. Rows come from Python as text and are put in as text, never as markup.
const WAIT = 120; // milliseconds after the last key before a filter is asked for

function render({ model, el }) {
  el.classList.add("gb-table");
  const words = model.get("words");
  const table = element("table", el);
  const head = element("thead", table);
  const body = element("tbody", table);
  const foot = element("div", el, { class: "gb-foot" });
  let timer = 0;
  let typed = {};
  let at = 0; // the one row that Tab stops at

  function ask(change) {
    model.set("ask", { ...model.get("ask"), ...change });
    model.save_changes();
  }

  function sort(name) {
    const { sort: by, descending } = model.get("ask");
    if (by !== name) ask({ sort: name, descending: false, first: 0 });
    else ask(descending ? { sort: "", descending: false, first: 0 } : { descending: true, first: 0 });
  }

  function filter(name, value) {
    clearTimeout(timer);
    typed = { ...typed, [name]: value };
    timer = setTimeout(() => {
      ask({ filters: { ...model.get("ask").filters, ...typed }, first: 0 });
      typed = {};
    }, WAIT);
  }

  function titles() {
    head.replaceChildren();
    const names = element("tr", head);
    const inputs = element("tr", head);
    const { sort: by, descending, filters } = model.get("ask");
    for (const column of model.get("columns")) {
      const label = `${column.title}${column.name === by ? (descending ? " ▼" : " ▲") : ""}`;
      const cell = element("th", names, { class: `gb-${column.side} gb-c-${column.name}` });
      element("button", cell, { text: label, title: words.sort }).onclick = () => sort(column.name);
      const input = element("input", element("th", inputs), {
        placeholder: words.filter, "aria-label": `${words.filter}: ${column.title}`,
      });
      input.value = filters[column.name] ?? "";
      input.oninput = () => filter(column.name, input.value);
      input.onkeydown = (event) => event.stopPropagation(); // no shortcut of the notebook's
    }
  }

  function signs() {
    const { sort: by, descending } = model.get("ask");
    model.get("columns").forEach((column, at) => {
      const sign = column.name === by ? (descending ? " ▼" : " ▲") : "";
      head.rows[0].cells[at].firstChild.textContent = `${column.title}${sign}`;
    });
  }

  function spark(cell, text) { // values over the years, as 2019:3.5 2020:4
    const points = text.split(" ").filter(Boolean).map((one) => one.split(":").map(Number));
    if (points.length < 2) return;
    const [xs, ys] = [0, 1].map((n) => points.map((one) => one[n]));
    const scale = (value, all, size) =>
      ((value - Math.min(...all)) / (Math.max(...all) - Math.min(...all) || 1)) * size;
    const path = points.map(([x, y]) => `${3 + scale(x, xs, 94)},${17 - scale(y, ys, 14)}`);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 100 20");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", text);
    for (const place of ["polyline", ...path]) {
      const name = place === "polyline" ? place : "circle";
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      if (name === "polyline") made.setAttribute("points", path.join(" "));
      else [made.cx.baseVal.value, made.cy.baseVal.value, made.r.baseVal.value] =
        [...place.split(",").map(Number), 1.8];
      svg.appendChild(made);
    }
    cell.appendChild(svg);
  }

  function key(event, number) {
    const page = model.get("page");
    const [count, size] = [page.rows.length, model.get("size")];
    const to = { ArrowDown: number + 1, ArrowUp: number - 1, Home: 0, End: count - 1 }[event.key];
    const turn = { PageDown: page.first + size, PageUp: page.first - size }[event.key];
    event.stopPropagation(); // no shortcut of the notebook's
    if (event.key === "Enter" || event.key === " ") choose(page.places[number]);
    else if (turn >= 0 && turn < page.matched) ask({ first: turn });
    else if (to >= 0 && to < count) stop(to, true);
    else if (to === undefined && turn === undefined) return;
    event.preventDefault();
  }

  function stop(number, focus = false) {
    at = Math.min(number, Math.max(body.rows.length - 1, 0));
    [...body.rows].forEach((row, n) => { row.tabIndex = n === at ? 0 : -1; });
    if (focus) body.rows[at]?.focus();
  }

  function choose(place) {
    model.set("chosen", place);
    model.save_changes();
    marks();
  }

  function marks() {
    const places = model.get("page").places;
    [...body.rows].forEach((row, at) => {
      const chosen = places[at] === model.get("chosen");
      row.classList.toggle("gb-chosen", chosen);
      row.setAttribute("aria-selected", chosen);
    });
  }

  function rows() {
    const page = model.get("page");
    const columns = model.get("columns");
    const focused = body.contains(document.activeElement);
    body.replaceChildren();
    page.rows.forEach((cells, number) => {
      const row = element("tr", body);
      row.onclick = () => choose(page.places[number]);
      row.onkeydown = (event) => key(event, number);
      cells.forEach((text, n) => {
        const look = `gb-${columns[n].side} gb-c-${columns[n].name}`;
        if (columns[n].name === "spark") spark(element("td", row, { title: text, class: look }), text);
        else element("td", row, { text, title: text, class: look });
      });
    });
    marks();
    stop(at, focused);
    foot.replaceChildren();
    const end = page.first + page.rows.length;
    const turn = (text, title, first) => {
      const button = element("button", foot, { text, title });
      button.disabled = first < 0 || first >= page.matched;
      button.onclick = () => ask({ first });
    };
    turn("◀", words.back, page.first - model.get("size"));
    const shown = page.rows.length ? `${page.first + 1}–${end}` : "0";
    const all = page.matched < page.total ? `${page.matched} / ${page.total}` : page.total;
    element("span", foot, { text: ` ${shown} ${words.of} ${all} ` });
    turn("▶", words.next, page.first + model.get("size"));
  }

  titles();
  rows();
  model.on("change:columns", titles);
  model.on("change:ask", signs);
  model.on("change:page", rows);
  model.on("change:chosen", marks);
  model.on("msg:custom", ({ number }) => {
    model.set("act", { number });
    model.save_changes();
  });
}

export default { render };
