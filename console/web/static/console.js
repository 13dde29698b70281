// What gets better with a script; everything works without. No library, no request but to this site.
"use strict";
const token = () => document.querySelector('meta[name="form-token"]').content;

// Keys: / searches, g + letter goes to a page, j and k walk a list.
const places = { t: "/", s: "/search", d: "/desk", a: "/alerts", o: "/sources", r: "/runs" };
let going = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (going) { going = false; if (places[event.key]) location.href = places[event.key]; return; }
  if (event.key === "/") { event.preventDefault(); document.querySelector('input[type="search"]')?.focus(); }
  else if (event.key === "g") going = true;
  else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
});
function walk(step) {
  const links = [...document.querySelectorAll(".items .title a, .items a.title")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
}

// A form with data-confirm asks first; a select with data-submit sends its form when it changes.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// Live parts: <div data-live="/runs/7/events"> shows the HTML that the server sends.
for (const part of document.querySelectorAll("[data-live]")) {
  const stream = new EventSource(part.dataset.live);
  stream.addEventListener("part", (event) => { part.innerHTML = event.data; });
  stream.addEventListener("end", () => { stream.close(); if ("reload" in part.dataset) location.reload(); });
}
