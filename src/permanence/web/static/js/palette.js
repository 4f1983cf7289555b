// The Ctrl+K dialog: an ARIA combobox over htmx. A result opens on Enter or a click, never while typing.
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
let wanted = false; // Enter was pressed before the answer to the last letters had come
let pending = false; // the list on screen answers older letters

const options = () => [...list.querySelectorAll("[role=option]")];
const current = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function open(option) {
  if (!option) return;
  if (option.dataset.action === "theme") document.querySelector("[data-theme-toggle]")?.click();
  else if (option.dataset.action === "help") document.querySelector("[data-keys-open]")?.click();
  else if (option.dataset.href) location.assign(option.dataset.href);
  dialog.close();
}

export function openPalette() {
  if (!dialog || dialog.open) return input?.select();
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  dialog.showModal();
  input.value = "";
  wanted = false;
  input.focus();
  htmx.trigger(input, "palette:refresh");
}

if (dialog) {
  input.addEventListener("input", () => {
    pending = true;
    wanted = false;
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(current());
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length }[event.key];
    if (to !== undefined && all.length) {
      event.preventDefault();
      choose(all[to]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (pending) wanted = true; // the list on screen answers older letters: wait for the right one
      else open(current());
    }
  });
  list.addEventListener("click", (event) => open(event.target.closest("[role=option]")));
  document.addEventListener("htmx:after:swap", () => {
    if (!dialog.open) return;
    choose(options()[0]); // after the swap is settled, else htmx puts the old attributes back
    const said = list.querySelector("[data-announce]");
    if (said) document.getElementById("announce").textContent = said.textContent;
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target === input) event.detail.ctx.typed = input.value;
  });
  document.addEventListener("htmx:finally:request", (event) => {
    // An answer to earlier letters, the recent files asked for at opening for instance, is not what Enter waits for.
    if (event.target !== input || event.detail.ctx.typed !== input.value) return;
    pending = false;
    if (wanted) {
      wanted = false;
      // Only a lone result follows an early Enter: among several, the person has not yet seen which is first.
      if (options().filter((one) => one.querySelector(".prow")).length === 1) open(current());
    }
  });
  dialog.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
}
