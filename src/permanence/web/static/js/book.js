// Booking by keyboard: letters find the patient, Enter chooses, Enter books. Without this file the form is sent and comes back with the list.
import { announce } from "./app.js";

const $ = (selector) => document.querySelector(selector);
const list = () => $("#book-list");
const options = () => [...(list()?.querySelectorAll("[role=option]") ?? [])];
const current = () => options().find((one) => one.getAttribute("aria-selected") === "true");
let pending = false;
let wanted = false; // Enter came before the answer to the last letters

function point(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  const field = $("#book-q");
  if (option) field?.setAttribute("aria-activedescendant", option.id);
  else field?.removeAttribute("aria-activedescendant");
}

function mode(name) {
  $("[data-book-mode]").value = name;
  const part = name === "busy" ? "caller" : name;
  for (const one of document.querySelectorAll("[data-book-part]")) one.hidden = one.dataset.bookPart !== part;
  for (const one of document.querySelectorAll("[data-book-set]")) one.setAttribute("aria-pressed", String(one.dataset.bookSet === name));
  const title = $("[data-book-title]");
  if (title) title.textContent = name === "busy" ? "Temps réservé" : "Sans dossier pour l’instant";
  if (name !== "known") $("[data-book-patient]").value = "";
  check();
}

// What was typed is a name, as one says it: the words in capitals or the first one are the surname.
function carry(typed) {
  const words = typed.trim().split(/\s+/).filter((word) => !/^\d+$/.test(word));
  const form = $("#book").elements;
  form.birth_name.value ||= (words[0] ?? "").toUpperCase();
  form.given_names.value ||= words.slice(1).map((word) => word[0].toUpperCase() + word.slice(1)).join(" ");
}

function take(option) {
  if (!option) return;
  if (option.dataset.mode === "new") {
    mode("new");
    carry($("#book-q").value);
    ($("#book").elements.given_names.value ? $("#book").elements.birth_date : $("#book").elements.given_names).focus();
    return;
  }
  if (option.dataset.mode === "caller") {
    mode("caller");
    $("#book").elements.label.value ||= $("#book-q").value;
    $("#book").elements.phone.focus();
    return;
  }
  chosen(option.dataset.patient, option.dataset.name, option.firstElementChild?.cloneNode(true));
}

// What was set from here is no change of the page's own: the rules of this place are asked for again.
const check = () => document.body.dispatchEvent(new CustomEvent("book:chosen"));

function chosen(id, name, shown) {
  $("[data-book-patient]").value = id;
  mode("known");
  $("#book-q").value = name;
  const box = $("[data-book-chosen]");
  box.replaceChildren(...(shown ? [shown] : []));
  box.hidden = false;
  list().replaceChildren();
  $("#book-q").setAttribute("aria-expanded", "false");
  announce(`${name} choisi`);
  $("[data-book-reason]").focus();
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "book-q") return;
  pending = true;
  wanted = false;
  $("[data-book-patient]").value = "";
  $("[data-book-chosen]").hidden = true;
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "book-q") return;
  const there = options();
  const at = there.indexOf(current());
  const to = { ArrowDown: (at + 1) % there.length, ArrowUp: (at - 1 + there.length) % there.length }[event.key];
  if (to !== undefined && there.length) {
    event.preventDefault();
    point(there[to]);
  } else if (event.key === "Enter" && !$("[data-book-patient]").value) {
    event.preventDefault();
    if (pending) wanted = true;
    else take(current());
  }
});

document.addEventListener("htmx:before:request", (event) => {
  if (event.target.id === "book-q") event.detail.ctx.typed = event.target.value;
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!$("#book-q") || event.target.id === "book-check") return;
  $("#book-q").setAttribute("aria-expanded", String(options().length > 0));
  point(current() ?? options()[0]);
  const said = list()?.querySelector("[data-announce]");
  if (said) announce(said.textContent);
});
document.addEventListener("htmx:finally:request", (event) => {
  if (event.target.id !== "book-q" || event.detail.ctx.typed !== event.target.value) return;
  pending = false;
  if (!wanted) return;
  wanted = false;
  // Among several the person has not yet seen which is first: only a lone one follows an early Enter.
  if (options().filter((one) => one.dataset.patient).length === 1) take(options()[0]);
});

document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#book-list [role=option]");
  if (option) return take(option);
  const set = event.target.closest?.("[data-book-set]");
  if (set) {
    mode(set.dataset.bookSet);
    if (set.dataset.bookSet === "new") carry($("#book-q").value);
    $("[data-book-part]:not([hidden]) input")?.focus();
    return;
  }
  const known = event.target.closest?.("[data-book-choose]");
  if (known) return chosen(known.dataset.bookChoose, known.dataset.name, known.firstElementChild?.cloneNode(true));
  const at = event.target.closest?.("[data-book-at]");
  if (!at) return;
  const [day, hour, who] = at.dataset.bookAt.split(" ");
  const form = $("#book").elements;
  form.day.value = day;
  form.hour.value = hour;
  if (form.no_hour) form.no_hour.checked = false;
  if (who && form.practitioner) form.practitioner.value = who;
  form.day.dispatchEvent(new Event("input", { bubbles: true }));
  check();
  announce(`${at.textContent} choisi`);
});

// A visit has an hour or stands in the round: the last said of both holds.
document.addEventListener("input", (event) => {
  const form = event.target.form?.id === "book" && event.target.form.elements;
  if (form?.no_hour && event.target === form.hour && form.hour.value) form.no_hour.checked = false;
  else if (form?.hour && event.target === form.no_hour && form.no_hour.checked) form.hour.value = "";
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-book-type]")) return;
  const minutes = event.target.selectedOptions[0]?.dataset.minutes;
  if (minutes) $("[data-book-minutes]").value = minutes;
}, true); // before the rules are asked for, with this length
