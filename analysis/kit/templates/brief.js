function show() {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = found; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
  }
  if (found) {
    found.tabIndex = -1;
    found.focus();
    found.scrollIntoView();
  }
}
addEventListener("hashchange", show);
show();
