// What an address names is opened and shown; arrows lead from mark to mark, one Tab stop a figure.
const stop = (marks, wanted) => {
  for (const mark of marks) mark.tabIndex = mark === wanted ? 0 : -1;
};
const figures = new Map();
for (const svg of document.querySelectorAll(".card > svg")) {
  const marks = [...svg.querySelectorAll("a[id]")];
  figures.set(svg, marks);
  stop(marks, marks[0]);
  svg.addEventListener("keydown", (event) => {
    const at = marks.indexOf(document.activeElement);
    const next = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: marks.length - 1,
    }[event.key];
    if (at < 0 || next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (marks[next]) {
      stop(marks, marks[next]);
      marks[next].focus();
    }
  });
}
function show() {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = found; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
  }
  if (!found) return;
  const svg = found.closest("svg");
  if (svg) stop(figures.get(svg), found);
  else found.tabIndex = -1;
  found.focus({preventScroll: true});
  if (svg) svg.scrollIntoView({block: "nearest"});
  found.scrollIntoView(svg ? {block: "nearest", inline: "nearest"} : undefined);
}
addEventListener("hashchange", show);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link && link.hash && link.hash === location.hash) show();
});
show();
