// Keyboard shortcuts, all read from raccourcis.json: the handler and the « ? » sheet. Bound on event.code: AZERTY digits need no Shift.
import { openPalette } from "./palette.js";

const SINGLE = "raccourcis-simples";
const singles = () => !document.cookie.includes(`${SINGLE}=non`);
const typing = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
let bound = new Map();
let early = [];

const deeds = {
  palette: openPalette,
  help: () => showHelp(),
  save: () => document.dispatchEvent(new CustomEvent("app:save")),
  today: insertToday,
  next: () => step(1),
  previous: () => step(-1),
};

// From one line that can be done to the next: the focus is on what one key does.
function step(by) {
  const all = [...document.querySelectorAll("[data-done]")];
  all[Math.min(Math.max(all.indexOf(document.activeElement) + by, 0), all.length - 1)]?.focus();
}

// A page that asks for a little something opens over this one, which stays as it is.
async function ask(address) {
  const { openAsk } = await import(document.getElementById("ask").dataset.script);
  openAsk(address);
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-ask]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(link.getAttribute("href"));
});

function insertToday() {
  const field = document.activeElement;
  if (!field || !typing(field) || field.tagName === "SELECT") return;
  field.setRangeText(new Date().toLocaleDateString("fr-FR", { day: "2-digit", month: "2-digit", year: "numeric" }), field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function comboOf(event) {
  if (event.key === "?" && !event.ctrlKey && !event.altKey) return "?";
  const mods = (event.ctrlKey || event.metaKey ? "Control+" : "") + (event.altKey ? "Alt+" : "");
  if (!mods && event.key === "/") return "Slash"; // Shift+: on AZERTY
  return mods + event.code;
}

// Letters move on AZERTY (KeyA is where Q is): letters are found by what they print, digits by where they are.
function combos(event) {
  const byPlace = comboOf(event);
  const mods = (event.ctrlKey || event.metaKey ? "Control+" : "") + (event.altKey ? "Alt+" : "");
  return /^[a-z]$/i.test(event.key) ? [`${mods}Key${event.key.toUpperCase()}`] : [byPlace];
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing || event.getModifierState?.("AltGraph")) return;
  if (!bound.size) early = combos(event);
  for (const key of combos(event).flatMap((one) => bound.get(one) ?? [])) {
    if (key.single && (typing(event.target) || !singles())) continue;
    if (document.querySelector("dialog[open]") && key.do !== "palette" && !key.click) continue;
    if (run(key)) return event.preventDefault();
  }
});

function run(key) {
  const scope = document.querySelector("dialog[open]") ?? document;
  const target = key.click && find(key.click, scope);
  if (target && !target.disabled) return target.click(), true;
  const place = key.focus && document.querySelector(key.focus);
  if (place) return place.focus(), place.scrollIntoView({ block: "nearest" }), true;
  if (key.ask) return document.getElementById("ask") ? (ask(key.ask), true) : false;
  if (key.do) return deeds[key.do](), true;
  if (key.go) return location.assign(key.go), true;
  return false;
}

// The first of these that is on the page: in the open dialog, else anywhere.
function find(selectors, scope) {
  for (const one of [selectors].flat()) {
    const found = scope.querySelector(one); // an open dialog hides what is behind it from the keys too
    if (found) return found;
  }
  return null;
}

// The sheet, the hints of a long Alt and one's own keys come when they are asked for.
let groups = [];
const sheet = () => document.getElementById("keys");
const aside = async () => (await import(sheet().dataset.script)).make({ groups, own, combos, shown, rebind, singles, SINGLE });
const showHelp = async () => (await aside()).showSheet();
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-open]")) showHelp();
});

// What a person changed is theirs in this browser: combinations only, under their id.
const place = `raccourcis.${document.body.dataset.me ?? ""}`;
const own = () => {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "{}") ?? {};
  } catch {
    return {};
  }
};
const shown = (key) => own()[key.combo]?.shown ?? key.shown;
function rebind(changed) {
  if (changed) localStorage.setItem(place, JSON.stringify(changed));
  const mine = own();
  bound = new Map();
  for (const key of groups.flatMap((group) => group.keys)) {
    const combo = mine[key.combo]?.combo ?? key.combo;
    bound.set(combo, [...bound.get(combo) ?? [], key]); // two pages may give a key two meanings: the one whose button is here
  }
  relabel(mine);
}

// The page writes the combinations of everybody; here they become one's own.
function relabel(mine) {
  const words = new Map(groups.flatMap((group) => group.keys.filter((key) => mine[key.combo]).map((key) => [key.shown, mine[key.combo].shown])));
  if (words.size) for (const kbd of document.querySelectorAll("kbd")) kbd.textContent = words.get(kbd.textContent) ?? kbd.textContent;
}
document.addEventListener("htmx:after:swap", () => relabel(own()));

// Alt held for a second shows what it does here; let go, or used, it hides again.
let long = 0;
let hints = null;
const hide = () => {
  clearTimeout(long);
  hints?.remove();
  hints = null;
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Alt" && !event.repeat) long = setTimeout(async () => (hints = (await aside()).showHints(find)), 1000);
  else if (event.key !== "Alt") hide();
});
document.addEventListener("keyup", (event) => {
  if (event.key !== "Alt") return;
  if (hints) event.preventDefault(); // else the browser's own menu takes the focus
  hide();
});
addEventListener("blur", hide);

// Loaded without holding the page back; what was pressed meanwhile is done as soon as the list is here.
async function load(source) {
  const answer = await fetch(source).catch(() => null);
  if (!answer?.ok) return;
  groups = (await answer.json()).groups;
  rebind();
  document.documentElement.dataset.keyed = "yes"; // single letters count from here on
  early.flatMap((one) => bound.get(one) ?? []).find((key) => !key.single && run(key));
}

if (document.body.dataset.keys) load(document.body.dataset.keys);
