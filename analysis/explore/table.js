// A page of a table. Rows come from Python as text and are put in as text, never as markup.
const WAIT = 120; // milliseconds after the last key before a filter is asked for

function element(name, parent, { text, ...more } = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(more)) made.setAttribute(key, value);
  parent.appendChild(made);
  return made;
}

function render({ model, el }) {
  el.classList.add("gb-table");
  const words = model.get("words");
  const table = element("table", el);
  const head = element("thead", table);
  const body = element("tbody", table);
  const foot = element("div", el, { class: "gb-foot" });
  let timer = 0;
  let typed = {};

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

  function choose(place) {
    model.set("chosen", place);
    model.save_changes();
    marks();
  }

  function marks() {
    const places = model.get("page").places;
    [...body.rows].forEach((row, at) => {
      row.classList.toggle("gb-chosen", places[at] === model.get("chosen"));
    });
  }

  function rows() {
    const page = model.get("page");
    const columns = model.get("columns");
    body.replaceChildren();
    page.rows.forEach((cells, at) => {
      const row = element("tr", body, { tabindex: 0 });
      row.onclick = () => choose(page.places[at]);
      row.onkeydown = (event) => {
        if (event.key !== "Enter") return;
        event.stopPropagation();
        choose(page.places[at]);
      };
      cells.forEach((text, n) => {
        const look = `gb-${columns[n].side} gb-c-${columns[n].name}`;
        element("td", row, { text, title: text, class: look });
      });
    });
    marks();
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
