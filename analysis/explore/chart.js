// Lines over the years and strips of dispersion; each mark asks for its own lines.
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#6b6b6b"];

function short(name) { // what fits beside a chart: letters are half as wide as characters
  let room = 9;
  const end = [...name].findIndex((one) => (room -= one > "ÿ" ? 1 : 0.55) < 0);
  return end < 0 ? name : `${[...name].slice(0, end).join("")}…`;
}

function render({ model, el }) {
  el.classList.add("gb-chart");

  function mark(parent, name, place, own, label) {
    const pressed = JSON.stringify(model.get("only")) === JSON.stringify(own);
    const look = { role: "button", tabindex: -1, "aria-label": label, "aria-pressed": pressed };
    const made = element("g", parent, { class: "gb-mark", ...look });
    element("title", made, { text: label });
    element(name, made, place);
    made.onclick = () => choose(own);
    made.onkeydown = (event) => {
      event.stopPropagation(); // no shortcut of the notebook's
      const marks = [...parent.querySelectorAll(".gb-mark")];
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" || event.key === " ") choose(own);
      else if (by) stop(marks, marks[marks.indexOf(made) + by], true);
      else return;
      event.preventDefault();
    };
    return made;
  }

  function stop(marks, here, focus = false) {
    if (!here) return;
    marks.forEach((one) => one.setAttribute("tabindex", one === here ? 0 : -1));
    if (focus) here.focus();
  }

  function choose(own) {
    model.set("chosen", { ...own, number: (model.get("chosen").number ?? 0) + 1 });
    model.save_changes();
  }

  function frame(title, height) {
    const svg = element("svg", el, { viewBox: `0 0 460 ${height}`, role: "group" });
    svg.setAttribute("aria-label", title);
    element("text", svg, { x: 4, y: 12, text: title, class: "gb-title" });
    return svg;
  }

  function lines({ title, series, years }) {
    const svg = frame(title, 160);
    const points = series.flatMap((one) => one.points);
    const most = Math.max(...points.map((one) => one.y), 0) || 1;
    const least = Math.min(...points.map((one) => one.y), 0);
    const [first, last] = [years[0], years[years.length - 1]];
    const x = (year) => (first === last ? 180 : 40 + ((year - first) / (last - first)) * 310);
    const y = (value) => 136 - ((value - least) / (most - least)) * 112;
    for (const value of [least, most]) {
      const text = Number(value.toPrecision(3)).toLocaleString("en");
      element("text", svg, { x: 34, y: y(value) + 4, "text-anchor": "end", text });
      element("line", svg, { x1: 38, x2: 352, y1: y(value), y2: y(value), class: "gb-rule" });
    }
    for (const year of first === last ? [first] : [first, last]) {
      element("text", svg, { x: x(year), y: 153, "text-anchor": "middle", text: year });
    }
    const ends = [];
    series.forEach((one, at) => {
      const colour = COLOURS[at % COLOURS.length];
      let path = "";
      one.points.forEach((point, n) => {
        const before = one.points[n - 1];
        const joined = before && years.indexOf(point.x) - years.indexOf(before.x) === 1
          && point.x - before.x <= one.gap;
        path += `${joined ? "L" : "M"}${x(point.x)} ${y(point.y)}`;
      });
      element("path", svg, { d: path, stroke: colour, fill: "none", "stroke-width": 1.6 });
      const tail = one.points[one.points.length - 1];
      if (tail) ends.push({ y: y(tail.y), text: short(one.name), colour });
    });
    series.forEach((one, at) => {
      for (const point of one.points) {
        const place = { cx: x(point.x), cy: y(point.y), r: 3.6, fill: COLOURS[at % COLOURS.length] };
        mark(svg, "circle", place, point.only, point.label);
      }
    });
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((end, at) => { // no name over another
      if (at) end.y = Math.max(end.y, ends[at - 1].y + 12);
    });
    const over = Math.max(0, (ends[ends.length - 1]?.y ?? 0) - 140);
    for (const end of ends) {
      element("text", svg, { x: 360, y: end.y + 4 - over, fill: end.colour, text: end.text });
    }
    return svg;
  }

  function strip({ title, series, ends }) {
    const high = Math.min(34, 116 / series.length);
    const svg = frame(title, 34 + series.length * (high + 6));
    series.forEach((one, at) => {
      const [base, most] = [20 + (at + 1) * high + at * 6, Math.max(...one.bins.map((b) => b.n), 1)];
      element("line", svg, { x1: 4, x2: 354, y1: base, y2: base, class: "gb-rule" });
      const look = { x: 360, y: base - 2, fill: COLOURS[at % COLOURS.length] };
      element("text", svg, { ...look, text: short(one.name) });
      one.bins.forEach((bin, n) => {
        if (!bin.n) return;
        const tall = Math.max(2, (bin.n / most) * high);
        const wide = 350 / one.bins.length;
        const place = { x: 4 + n * wide, y: base - tall, width: wide - 1, height: tall };
        mark(svg, "rect", { ...place, fill: COLOURS[at % COLOURS.length] }, bin.only, bin.label);
      });
    });
    const below = 32 + series.length * (high + 6);
    element("text", svg, { x: 4, y: below, text: ends[0] });
    element("text", svg, { x: 354, y: below, "text-anchor": "end", text: ends[1] });
    return svg;
  }

  function draw() {
    el.replaceChildren();
    for (const one of model.get("charts")) {
      const svg = (one.kind === "lines" ? lines : strip)(one);
      const marks = [...svg.querySelectorAll(".gb-mark")];
      stop(marks, marks.find((own) => own.getAttribute("aria-pressed") === "true") ?? marks[0]);
    }
  }

  draw();
  model.on("change:charts", draw);
  model.on("change:only", draw);
}

export default { render };
