// The note's draft: saved 2 s after the last key, by htmx (so that the request is proved); states are said in words.
// The form may be replaced by a refused signature: everything is found again at each event, nothing is held.
const WAIT = 2000;
const LETTERS = ["subjective", "objective", "assessment", "plan"];
const words = {
  changed: () => "Modifié…",
  saving: () => "Enregistrement…",
  saved: (at) => `Enregistré ${at}`,
  failed: () => "Échec — texte gardé ici",
};
let timer = 0;
let busy = false;
let dirty = false;
let signing = false;
let waiting = null; // the button of a signature that waits for a save under way
let waits = 0;

const find = () => document.querySelector("form[data-autosave]");

function show(name, at = "") {
  const state = document.getElementById("saved");
  if (!state) return;
  state.dataset.state = name;
  state.textContent = words[name](at);
}

function changed() {
  dirty = true;
  if (!waits) show("changed");
  clearTimeout(timer);
  timer = setTimeout(save, WAIT);
}

function save() {
  clearTimeout(timer);
  const form = find();
  if (!form || !dirty || busy || signing) return;
  busy = true;
  dirty = false;
  if (!waits) show("saving");
  htmx.trigger(form, "draft:save");
}

function failed() {
  dirty = true;
  show("failed");
  waits = Math.min(waits + 1, 5);
  clearTimeout(timer);
  timer = setTimeout(save, WAIT * 2 ** waits); // tries again by itself, up to about a minute apart
}

const ofDraft = (event) => event.target === find() && event.detail?.ctx?.request?.action?.endsWith("/brouillon/");

// The answer is an empty 204 with the hour, so that nothing is put under the cursor.
document.addEventListener("htmx:after:request", (event) => {
  if (!ofDraft(event)) return;
  const answer = event.detail.ctx.response;
  const at = answer?.headers?.get("X-Saved-At");
  if (answer?.status >= 300 || !at) return failed();
  const form = find();
  form.elements.version.value = answer.headers.get("X-Draft-Version") ?? form.elements.version.value;
  form.elements.draft.value = answer.headers.get("X-Draft") ?? form.elements.draft.value;
  if (answer.headers.get("X-Draft-Conflict")) document.getElementById("elsewhere")?.removeAttribute("hidden");
  waits = 0;
  show("saved", at);
});

// A signature pressed while a save is on its way goes after it: neither overtakes the other, however slow the network. One is enough.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-sign]");
  if (!button || (!busy && !signing)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!signing) waiting = button;
}, true);
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.closest?.("[data-sign]")) {
    signing = true; // what is signed is what was on the screen: no draft overtakes it
    clearTimeout(timer);
  }
});
document.addEventListener("htmx:after:request", (event) => {
  if (event.target.closest?.("[data-sign]") && event.detail?.ctx?.response?.headers?.get("HX-Redirect")) dirty = false; // all of it is signed
});
document.addEventListener("htmx:error", (event) => {
  if (event.target === find()) failed();
});
document.addEventListener("htmx:finally:request", (event) => {
  if (event.target.closest?.("[data-sign]") || event.target.id === "note" || !event.target.isConnected) signing = false;
  if (event.target !== find()) return;
  busy = false;
  if (waiting?.isConnected) {
    const button = waiting;
    waiting = null;
    return button.click();
  }
  waiting = null;
  if (dirty && !waits) changed();
});
document.addEventListener("htmx:after:swap", prepare);

document.addEventListener("input", (event) => event.target.closest?.("form[data-autosave]") && changed());
document.addEventListener("app:save", () => {
  if (!dirty) return;
  waits = 0;
  save();
});
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
addEventListener("beforeunload", (event) => {
  if (signing || (!dirty && !busy)) return;
  save();
  event.preventDefault();
});

// Free text or S/O/A/P: the words pass from one to the other, nothing is dropped.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mode]");
  const form = find();
  if (!button || !form) return;
  const to = button.dataset.mode;
  form.elements.mode.value = to;
  for (const one of form.querySelectorAll("[data-mode]")) one.setAttribute("aria-pressed", String(one === button));
  for (const part of form.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== to;
  carry(form, to);
  changed();
});

function carry(form, to) {
  const free = form.elements.text;
  const parts = LETTERS.map((name) => form.elements[name]);
  const said = parts.filter((part) => part.value.trim());
  if (to === "free" && !free.value.trim() && said.length) {
    free.value = said.length === 1 && said[0] === parts[0]
      ? parts[0].value
      : said.map((part) => `${part.dataset.letter} : ${part.value.trim()}`).join("\n\n");
    for (const part of parts) part.value = "";
  } else if (to === "soap" && free.value.trim() && !said.length) {
    parts[0].value = free.value;
    free.value = "";
  }
}

// Go on where one stopped.
function prepare() {
  signing = false;
  for (const area of find()?.querySelectorAll("textarea") ?? []) {
    if (document.activeElement !== area) area.setSelectionRange(area.value.length, area.value.length);
  }
}
prepare();
