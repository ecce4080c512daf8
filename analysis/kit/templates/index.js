// A figure is found by its unit, its title, its caption, and the words and regions drawn in it.
const known = JSON.parse(document.querySelector("script[type='application/json']").textContent);
const words = known.words.map((word) => word.toLowerCase());
const said = document.querySelector("output");
let at = 0;
const units = [...document.querySelectorAll("section")].map((section) => {
  const figures = [...section.querySelectorAll("figure")].map((figure) => (
    {figure, text: figure.textContent.toLowerCase(), holds: new Set(known.figures[at++])}
  ));
  const own = section.cloneNode(true);
  own.querySelectorAll("figure").forEach((figure) => figure.remove());
  return {section, figures, text: own.textContent.toLowerCase()};
});
document.querySelector("input").addEventListener("input", (event) => {
  const asked = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  const within = asked.map((word) => words.flatMap((one, id) => (one.includes(word) ? [id] : [])));
  let shown = 0;
  for (const {section, figures, text} of units) {
    for (const {figure, text: own, holds} of figures) {
      figure.hidden = !asked.every((word, number) => (
        text.includes(word) || own.includes(word) || within[number].some((id) => holds.has(id))
      ));
      shown += !figure.hidden;
    }
    const left = figures.some(({figure}) => !figure.hidden);
    section.hidden = !left && !asked.every((word) => text.includes(word));
  }
  said.textContent = asked.length ? said.dataset.said.replace("{}", shown).replace("{}", at) : "";
});
