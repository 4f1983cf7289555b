// The return note keeps what is typed: at once when a field is left, a moment after the last key, and before a link is followed.
// A save that failed says so and is tried again; the form may be replaced by a refused signature, so it is found again each time.
const WAIT = 1000;
const AGAIN = 10000;
const FAILED = "Échec : gardé ici seulement, nouvel essai dans un instant";
let timer = 0;
let asked = null; // where a save is under way, and whether it was answered well
let kept = false;
let typed = 0; // changes made, and how many of them are on the way, and kept
let sent = 0;
let saved = 0;
let going = ""; // the link that waits for a save

const form = () => document.querySelector("form.handing");
const place = () => document.getElementById("kept");
const busy = () => asked !== null && asked === place();

function changed(event, wait) {
  if (!event.target.closest?.("form.handing")) return;
  typed += 1;
  later(wait);
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function save() {
  clearTimeout(timer);
  if (busy() || !place() || saved === typed) return;
  asked = place();
  kept = false;
  sent = typed;
  htmx.trigger(place(), "draft:save");
}

document.addEventListener("input", (event) => changed(event, WAIT));
document.addEventListener("change", (event) => changed(event, 0));
document.addEventListener("app:save", save);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());

document.addEventListener("htmx:after:request", (event) => {
  if (event.target === place()) kept = event.detail?.ctx?.response?.status < 300;
});
document.addEventListener("htmx:finally:request", (event) => {
  if (event.target !== asked || !busy()) return;
  asked = null;
  if (!kept) {
    going = "";
    place().textContent = FAILED;
    form().dataset.dirty = "yes";
    return later(AGAIN);
  }
  saved = sent;
  if (saved !== typed) {
    form().dataset.dirty = "yes"; // typed while this one was on its way
    return save();
  }
  if (going) location.assign(going);
});

// « Plus tard », a file, the menu: what was typed is kept first, then the link is followed.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]:not([data-ask])");
  const plain = link && !link.target && !event.defaultPrevented && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
  if (!plain || !place() || link.getAttribute("href").startsWith("#") || saved === typed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  going = link.href;
  save();
}, true);
