const units = [...document.querySelectorAll("section")];
document.querySelector("input").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const unit of units) {
    const text = unit.textContent.toLowerCase();
    unit.hidden = !words.every((word) => text.includes(word));
  }
});
