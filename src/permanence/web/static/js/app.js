// What every page needs: menus, dialogs, toasts, theme, focus after a swap, echo of dates. No clinical data is kept here.
import { openPalette } from "./palette.js";
import "./keys.js";
import "./bar.js";

const $ = (selector, root = document) => root.querySelector(selector);

document.addEventListener("click", (event) => {
  const open = event.target.closest("[data-palette-open]");
  if (open) return openPalette();
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) return closer.closest("dialog").close();
  if (event.target.matches("dialog")) return event.target.close(); // the backdrop
  const toastClose = event.target.closest("[data-toast-close]");
  if (toastClose) return toastClose.closest("[data-toast]").remove();
  if (event.target.closest("[data-theme-toggle]")) return toggleTheme();
  const dialog = event.target.closest("[data-dialog-open]");
  if (dialog) return document.getElementById(dialog.dataset.dialogOpen)?.showModal();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    $("summary", menu).focus();
  }
});

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=strict;secure`;
}

export function announce(text) {
  const place = $("#announce");
  if (place) place.textContent = text;
}

export function toast(text) {
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.toast = "";
  box.textContent = text;
  $("#toasts").replaceChildren(box);
  fade(box);
}

// Ten seconds, as long again while it is pointed at or holds the focus.
function fade(box) {
  setTimeout(() => (box.matches(":hover, :focus-within") ? fade(box) : box.remove()), 10000);
}

// A date is typed as one likes; the full date is shown at once. The server parses again and decides.
const DAYS = ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."];
const WEEK = ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"];
const MONTHS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];

export function readDay(text, past, today = new Date()) {
  const typed = text.trim().toLowerCase();
  const base = new Date(today.getFullYear(), today.getMonth(), today.getDate());
  const named = { hier: -1, "aujourd’hui": 0, "aujourd'hui": 0, auj: 0, j: 0, demain: 1 }[typed];
  if (named !== undefined) return new Date(base.getFullYear(), base.getMonth(), base.getDate() + named);
  const weekday = WEEK.indexOf(typed);
  if (weekday >= 0) {
    const ahead = ((weekday - base.getDay() + 6) % 7) + 1;
    return new Date(base.getFullYear(), base.getMonth(), base.getDate() + (past ? (ahead === 7 ? -7 : ahead - 7) : ahead));
  }
  const shift = typed.match(/^j?\s*([+-])\s*(\d{1,4})$/);
  if (shift) return new Date(base.getFullYear(), base.getMonth(), base.getDate() + Number(shift[1] + shift[2]));
  const whole = typed.match(/^(\d{2})(\d{2})(\d{2}|\d{4})?$/) || typed.match(/^(\d{1,2})[ /.-](\d{1,2})(?:[ /.-](\d{2}|\d{4}))?$/);
  if (!whole) return null;
  const [day, month] = [Number(whole[1]), Number(whole[2])];
  let year = whole[3] ? Number(whole[3]) : base.getFullYear();
  if (whole[3]?.length === 2) year += Math.floor(base.getFullYear() / 100) * 100;
  let date = new Date(year, month - 1, day);
  if (date.getDate() !== day || date.getMonth() !== month - 1) return null;
  if (whole[3]?.length !== 4 && past && date > base) date = new Date(whole[3] ? year - 100 : year - 1, month - 1, day);
  if (!whole[3] && !past && date < base) date = new Date(year + 1, month - 1, day);
  return date;
}

function echo(input) {
  const out = input.parentElement.querySelector("[data-echo]");
  if (!out || input.dataset.day === "partial") return;
  const text = input.value.trim();
  const date = text && readDay(text, input.dataset.day === "past");
  const late = date && input.dataset.day === "past" && date > new Date();
  out.classList.toggle("bad", Boolean(text && text.length > 3 && (!date || late)));
  if (!text) out.textContent = "";
  else if (late) out.textContent = "date à venir";
  else if (date) out.textContent = `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  else out.textContent = text.length > 3 ? "date non comprise" : "";
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-day]")) echo(event.target);
  const guarded = event.target.closest?.("form[data-guard]");
  if (guarded) guarded.dataset.dirty = "yes";
});

// Leaving a form that was typed in asks once; the note saves itself and needs no question.
addEventListener("beforeunload", (event) => {
  if ($("form[data-guard][data-dirty=yes]:not([data-autosave])")) event.preventDefault();
});
document.addEventListener("htmx:after:request", (event) => {
  const status = event.detail?.ctx?.response?.status;
  if (status && status < 400) event.target.closest?.("form[data-guard]")?.removeAttribute("data-dirty");
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-cancel]")) for (const form of document.querySelectorAll("form[data-guard]")) delete form.dataset.dirty;
});

// A request that got no answer says so, and everything typed stays where it is. One that gave way to newer letters got none
// either, long before htmx's own limit of 20 s: nothing is said of it, nor of what the person declined in a dialog.
document.addEventListener("htmx:before:request", (event) => {
  event.detail.ctx.began = performance.now();
});
document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = event.detail;
  if (error?.name === "AbortError" && performance.now() - (ctx?.began ?? 0) < 19000) return;
  toast("Pas de réponse du serveur. Votre saisie est gardée ici : réessayer.");
});

// A page that is walked through with Enter: the focus stands on the first thing that is left.
function walk() {
  const page = $("#closing");
  if (page && !page.contains(document.activeElement) && !$("dialog[open]")) $("[data-walk]", page)?.focus();
}

function settle(root) {
  walk();
  for (const input of root.querySelectorAll("[data-day]")) echo(input);
  const wrong = root.querySelector("[data-focus]");
  if (wrong) wrong.focus();
}

// A write that left the page where it is: its dialog closes, what lists it is asked for again, the focus keeps its place.
let place = -1;
document.addEventListener("htmx:before:request", (event) => {
  const done = event.target.matches?.("form") && event.target.querySelector("[data-done]");
  if (done) place = [...document.querySelectorAll("[data-done]")].indexOf(done);
});
document.addEventListener("htmx:after:swap", () => {
  const said = $("#toasts [data-said]");
  if (said) {
    const topic = said.dataset.said;
    said.removeAttribute("data-said");
    fade(said);
    $("#ask")?.close();
    document.body.dispatchEvent(new CustomEvent(`live:${topic}`));
  } else if (place >= 0 && document.activeElement === document.body) {
    [...document.querySelectorAll("[data-done]")].at(Math.min(place, document.querySelectorAll("[data-done]").length - 1))?.focus();
    place = -1;
  }
  settle(document);
});

for (const box of document.querySelectorAll("[data-toast]")) fade(box);
if (new URLSearchParams(location.search).has("fait")) {
  const url = new URL(location);
  for (const name of ["fait", "objet"]) url.searchParams.delete(name);
  history.replaceState(history.state, "", url); // a reload does not say it again
}
settle(document);
performance.mark("app-ready");
document.documentElement.dataset.listens = "yes"; // keys are heard from here on
