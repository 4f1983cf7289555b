// The agenda under the fingers: arrows go from hour to hour and from one agenda to the next, a card is dragged or moved by keys, and what
// others change comes by its id. The server decides everything: here are only gestures, each of which is also a link or a form.
import { announce } from "./app.js";

const STEP = 5;
const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const grid = () => $("[data-agenda]");
const writes = () => grid()?.hasAttribute("data-writes");
const hour = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
// The hour at the practice, wherever this screen thinks it is.
const PARIS = new Intl.DateTimeFormat("fr-FR", { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit" });
const minuteNow = () => {
  const parts = Object.fromEntries(PARIS.formatToParts(new Date()).map((part) => [part.type, Number(part.value)]));
  return parts.hour * 60 + parts.minute;
};
let current = null; // the li that the keys act upon
let picked = null; // the card being moved by keys

// -- going about

const lines = (column) => all(picked ? ".free" : ".rdv, .free", column).filter((li) => li.offsetParent !== null);
const columns = () => all(".agenda-col", grid());
const linkOf = (li) => $("a", li);

function choose(li, focus = true) {
  if (!li) return;
  current?.classList.remove("on");
  current = li;
  li.classList.add("on");
  for (const one of all(".rdv > .rdv-main, .free > a", grid())) one.tabIndex = one === linkOf(li) ? 0 : -1;
  if (focus) linkOf(li).focus({ preventScroll: false });
  bar();
}

function beside(li, step) {
  const there = columns();
  const next = there[there.indexOf(li.closest(".agenda-col")) + step];
  const minute = Number(li.dataset.minute);
  const found = next && lines(next);
  return found?.reduce((best, one) => (!best || Math.abs(one.dataset.minute - minute) < Math.abs(best.dataset.minute - minute) ? one : best), null);
}

function first() {
  const minute = minuteNow();
  const here = location.hash.startsWith("#rdv-") && document.getElementById(location.hash.slice(1));
  const there = lines($(".agenda-col.today", grid()) ?? columns()[0] ?? document.body);
  return here || there.find((li) => Number(li.dataset.minute) + Number(li.dataset.minutes ?? 15) > minute) || there[0] || lines(document)[0];
}

document.addEventListener("keydown", (event) => {
  if (!grid() || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.closest("[data-menu][open], .agenda-head, .top, .welcome, .agenda-bar")) return;
  if (event.key === "Escape" && picked) return drop();
  if (event.key === "Enter" && picked && event.target.closest(".free")) {
    event.preventDefault();
    return put(picked, current.closest(".agenda-col"), Number(current.dataset.minute));
  }
  const at = current?.isConnected ? current : first();
  if (!at) return;
  const column = lines(at.closest(".agenda-col"));
  const to = { ArrowDown: column[column.indexOf(at) + 1], ArrowUp: column[column.indexOf(at) - 1], ArrowRight: beside(at, 1), ArrowLeft: beside(at, -1),
    Home: column[0], End: column.at(-1) }[event.key];
  if (!["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  choose(current ? to ?? at : at);
});

document.addEventListener("focusin", (event) => {
  const li = event.target.closest?.(".rdv, .free");
  if (li && li !== current && grid()?.contains(li)) choose(li, false);
});

// -- what the keys and the bar do

function bar() {
  const box = $("[data-agenda-bar]");
  if (!box) return;
  const card = current?.matches(".rdv") ? current : null;
  box.hidden = !card || !writes();
  const add = $("a[data-agenda-do=new]");
  if (add) {
    const free = current?.matches(".free") ? linkOf(current).getAttribute("href") : null;
    const column = current?.closest(".agenda-col");
    add.href = free ?? (card ? `/agenda/nouveau/?jour=${column.dataset.date}&heure=${hour(Number(card.dataset.minute)).replace(":", "")}&qui=${column.dataset.who}` : add.dataset.new);
  }
  if (!card) return;
  $("[data-agenda-name]", box).textContent = `${$("time", card).textContent} ${$(".rdv-who", card).textContent}`;
  const state = card.dataset.state;
  const slot = card.hasAttribute("data-slot");
  const fixed = card.hasAttribute("data-fixed");
  const can = { arrived: state !== "arrived" && state !== "in-progress" && !slot, next: (state === "arrived" || state === "booked" || state === "in-progress") && !slot,
    move: !fixed, noshow: state === "booked" && !slot, cancelled: (state === "booked" || state === "arrived") && !fixed };
  for (const [name, on] of Object.entries(can)) $(`[data-agenda-do=${name}]`, box).disabled = !on;
  $("[data-agenda-next]", box).textContent = state === "in-progress" ? "Terminé" : "En consultation";
}

function send(path, fields) {
  const form = $("#agenda-form");
  if (!form || form.dataset.sent) return;
  form.dataset.sent = "yes"; // one gesture, one request: the page that follows has another form
  form.action = path;
  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
  form.requestSubmit();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-agenda-do]");
  if (!button || !current?.matches(".rdv")) return;
  const path = `/agenda/rdv/${current.dataset.id}/`;
  const state = current.dataset.state;
  const what = button.dataset.agendaDo;
  if (what === "move") return pick(current);
  send(`${path}etat/`, { etat: what === "next" ? (state === "in-progress" ? "fulfilled" : "in-progress") : what });
});

// -- moving by keys: picked up with D, put down with Enter on a free hour

function pick(card) {
  drop();
  picked = card;
  card.classList.add("picked");
  grid().classList.add("moving");
  announce(`Déplacement de ${$(".rdv-who", card).textContent}. Choisir une heure libre avec les flèches, Entrée pour poser, Échap pour renoncer.`);
  const column = lines(card.closest(".agenda-col"));
  const there = column.length ? column : lines(grid());
  const later = there.find((li) => Number(li.dataset.minute) > Number(card.dataset.minute)) ?? there[0];
  if (later) choose(later);
}

function drop() {
  const card = picked;
  picked = null;
  grid()?.classList.remove("moving");
  if (!card) return;
  card.classList.remove("picked");
  choose(card);
}

document.addEventListener("click", (event) => {
  const free = picked && event.target.closest?.(".free");
  if (!free) return;
  event.preventDefault();
  put(picked, free.closest(".agenda-col"), Number(free.dataset.minute));
});

function put(card, column, minute, minutes = Number(card.dataset.minutes)) {
  const [year, month, day] = column.dataset.date.split("-");
  send(`/agenda/rdv/${card.dataset.id}/deplacer/`, { practitioner: column.dataset.who, day: `${day}/${month}/${year}`, hour: hour(minute), minutes });
}

// -- moving and resizing with the pointer

let drag = null;

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.(".rdv");
  if (!card || !writes() || card.hasAttribute("data-fixed") || event.button || event.pointerType === "touch" || event.target.closest(".rdv-more")) return;
  if (matchMedia("(max-width: 860px)").matches) return;
  const lift = card.getBoundingClientRect();
  drag = { card, x: event.clientX, y: event.clientY, grip: event.clientY > lift.bottom - 6 && lift.height > 24, moved: false, column: card.closest(".agenda-col"),
    unit: parseFloat(getComputedStyle(card.parentElement).gridAutoRows) || 9 };
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const { card, unit } = drag;
  const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.moved && Math.hypot(dx, dy) < 6) return;
  drag.moved = true;
  drag.steps = Math.round(dy / unit);
  card.classList.add("ghost");
  if (drag.grip) {
    card.style.height = `${Math.max(1, Number(card.dataset.minutes) / STEP + drag.steps) * unit - 1}px`;
    return;
  }
  drag.column = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.matches(".agenda-col")) ?? drag.column;
  const shift = drag.column.getBoundingClientRect().left - card.closest(".agenda-col").getBoundingClientRect().left;
  card.style.translate = `${shift}px ${drag.steps * unit}px`;
  const time = $("time", card);
  drag.shown ??= time.textContent;
  time.textContent = hour(Number(card.dataset.minute) + drag.steps * STEP);
});

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function released(done) {
  if (!drag) return;
  const { card, moved, grip, column, steps = 0 } = drag;
  const from = card.closest(".agenda-col");
  if (moved) {
    addEventListener("click", swallow, { capture: true, once: true }); // the end of a drag is no click
    setTimeout(() => removeEventListener("click", swallow, true), 0);
  }
  const still = !done || (!steps && column === from);
  if (still) {
    card.classList.remove("ghost");
    card.style.translate = card.style.height = "";
    if (drag.shown) $("time", card).textContent = drag.shown;
  }
  drag = null;
  if (!moved || still) return;
  const minutes = Number(card.dataset.minutes);
  if (grip) put(card, from, Number(card.dataset.minute), Math.max(STEP, minutes + steps * STEP));
  else put(card, column, Math.min(1435, Math.max(0, Number(card.dataset.minute) + steps * STEP)));
}

document.addEventListener("pointerup", () => released(true));
document.addEventListener("pointercancel", () => released(false));
document.addEventListener("dragstart", (event) => event.target.closest?.(".rdv") && event.preventDefault());

// -- what others change: one id, one card

// Asks for one row; what comes is put aside, out of sight, until its place is known.
async function asked(path) {
  const inbox = $("[data-agenda-inbox]");
  inbox.replaceChildren();
  await htmx.ajax("GET", path, { target: inbox, swap: "innerHTML" });
  return $("[data-row]", inbox);
}

async function refresh(id) {
  const wrap = await asked(`/agenda/ligne/${id}/`);
  if (wrap?.hasAttribute("data-visit")) { // it has no hour, and stands in no column
    if (columns().some((one) => one.dataset.who === wrap.dataset.who && one.dataset.date === wrap.dataset.date)) location.reload();
    return;
  }
  const column = wrap && $(`.agenda-col[data-who="${wrap.dataset.who}"][data-date="${wrap.dataset.date}"] .agenda-lines`);
  const made = column && $(".rdv", wrap);
  const others = [...document.querySelectorAll(`[id="rdv-${id}"]`)].filter((li) => li !== made);
  const focused = others.some((li) => li.contains(document.activeElement));
  const chosen = others.includes(current);
  const held = others.includes(picked);
  if (chosen) current = null;
  for (const li of others) li.remove(); // gone from this page, or written anew
  if (!made) return;
  column.insertBefore(made, all(".rdv, .free", column).find((li) => Number(li.dataset.minute) > Number(made.dataset.minute)) ?? null);
  arrange(column);
  if (held) picked = made;
  if (chosen || focused) choose(made, focused); // what keys act upon stays the same appointment
}

async function reseat(id) {
  const wrap = await asked(`/agenda/salle/${id}/`);
  const made = wrap && $("li", wrap);
  for (const li of document.querySelectorAll(`[id="rdv-${id}"]`)) if (li !== made) li.remove();
  if (!made) return;
  const list = $(made.dataset.state === "arrived" ? "[data-room-waiting]" : "[data-room-inside]");
  list.insertBefore(made, all("li", list).find((li) => li.dataset.arrived > made.dataset.arrived) ?? null);
}

// The same lanes as the server's (agenda.rules.lanes), for a column where one card has come or gone.
function arrange(column) {
  for (const free of all(".free", column)) {
    const minute = Number(free.dataset.minute);
    free.hidden = all(".rdv:not(.cancelled):not(.noshow)", column).some((li) => minute >= Number(li.dataset.minute)
      && minute < Number(li.dataset.minute) + Number(li.dataset.minutes));
  }
  const cards = all(".rdv:not(.cancelled)", column).map((li) => ({ li, start: Number(li.dataset.minute), end: Number(li.dataset.minute) + Number(li.dataset.minutes) }));
  cards.sort((a, b) => a.start - b.start || b.end - a.end);
  let knot = [];
  let ends = [];
  const share = () => {
    for (const one of knot) one.li.className = one.li.className.replace(/\bl\d+of\d+\b/, `l${Math.min(one.lane, 5)}of${Math.min(ends.length, 6)}`);
  };
  for (const one of cards) {
    if (knot.length && one.start >= Math.max(...ends)) {
      share();
      knot = [];
      ends = [];
    }
    const lane = ends.findIndex((end) => end <= one.start);
    one.lane = lane < 0 ? ends.length : lane;
    ends[one.lane] = one.end;
    knot.push(one);
  }
  share();
}

document.addEventListener("live:agenda", (event) => {
  const one = grid() ? refresh : $("[data-room]") && reseat;
  if (!one || drag || picked) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.detail && !event.detail.ids.length) return typing ? undefined : location.reload(); // nobody said which: the stream was away
  coming = (event.detail?.ids ?? []).reduce((before, id) => before.then(() => one(id)), coming);
}, true); // on its way down: it may not come up again
// Hours, an absence, a type: they have no card, and move everything. Who is in the middle of something is left alone.
document.addEventListener("live:agenda-frame", () => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (grid() && !drag && !picked && !typing) location.reload();
}, true);
let coming = Promise.resolve(); // one after the other: they share one place to arrive

// -- minutes pass

function tick() {
  const now = new Date();
  const minute = minuteNow();
  const line = $("[data-now]");
  if (line) line.className = line.className.replace(/\bh\d+ m\d+\b/, `h${Math.floor(minute / 60)} m${Math.floor((minute % 60) / STEP)}`);
  for (const one of all("[data-since]")) {
    const waited = Math.max(0, Math.floor((now - new Date(one.dataset.since)) / 60000));
    one.textContent = waited < 120 ? `depuis ${waited}\u00a0min` : `depuis ${Math.floor(waited / 60)}\u00a0h\u00a0${String(waited % 60).padStart(2, "0")}`;
  }
}
setInterval(tick, 30000);

function start() {
  picked = current = null;
  const here = grid() && !matchMedia("(max-width: 860px)").matches && first();
  if (!here) return;
  const field = $(".welcome [autofocus]");
  // An address with a # gives no autofocus, and takes the focus away once the page is whole (HTML, 6.6.7 and 7.4.6.3).
  if (field && document.readyState === "complete") field.focus();
  else if (field) addEventListener("load", () => setTimeout(() => field.focus()), { once: true });
  choose(here, !field && (document.activeElement === document.body || !document.activeElement));
  if (!location.hash) $("[data-now]")?.scrollIntoView({ block: "center" });
}
document.addEventListener("permanence:shown", start);
start();
