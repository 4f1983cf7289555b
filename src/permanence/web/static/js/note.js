// The note's draft: saved 2 s after the last key, by htmx (so that the request is proved); states are said in words.
const form = document.querySelector("form[data-autosave]");
const state = document.getElementById("saved");
const WAIT = 2000;
const words = {
  changed: () => "Modifié…",
  saving: () => "Enregistrement…",
  saved: (at) => `Enregistré ${at}`,
  failed: () => "Échec — texte gardé ici",
};
let timer = 0;
let busy = false;
let dirty = false;
let waits = 0;

function show(name, at = "") {
  state.dataset.state = name;
  state.textContent = words[name](at);
}

function changed() {
  dirty = true;
  if (state.dataset.state !== "failed") show("changed");
  clearTimeout(timer);
  timer = setTimeout(save, WAIT);
}

async function save() {
  clearTimeout(timer);
  if (!dirty || busy) return;
  busy = true;
  dirty = false;
  if (state.dataset.state !== "failed") show("saving");
  htmx.trigger(form, "draft:save");
}

// The answer is an empty 204 with the hour, so that nothing is put under the cursor.
document.addEventListener("htmx:after:request", (event) => {
  const ctx = event.detail?.ctx;
  if (ctx?.request?.action !== form?.getAttribute("hx-post")) return;
  const answer = ctx.response;
  const at = answer?.headers?.get("X-Saved-At");
  if (answer?.status < 300 && at) {
    const version = answer.headers.get("X-Draft-Version");
    if (version) form.elements.version.value = version;
    if (answer.headers.get("X-Draft")) form.elements.draft.value = answer.headers.get("X-Draft");
    if (answer.headers.get("X-Draft-Conflict")) document.getElementById("elsewhere")?.removeAttribute("hidden");
    waits = 0;
    show("saved", at);
  } else failed();
});
document.addEventListener("htmx:error", (event) => {
  if (event.target === form) failed();
});
document.addEventListener("htmx:finally:request", (event) => {
  if (event.target !== form) return;
  busy = false;
  if (dirty && state.dataset.state !== "failed") changed();
});

function failed() {
  dirty = true;
  show("failed");
  waits = Math.min(waits + 1, 5);
  clearTimeout(timer);
  timer = setTimeout(save, WAIT * 2 ** waits); // tries again by itself, up to about a minute apart
}

if (form) {
  form.addEventListener("input", changed);
  document.addEventListener("app:save", save);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
  addEventListener("beforeunload", (event) => {
    if (!dirty && !busy) return;
    save();
    event.preventDefault();
  });
  for (const area of form.querySelectorAll("textarea")) area.setSelectionRange(area.value.length, area.value.length); // go on where one stopped
  // Free text or S/O/A/P: the words pass from one to the other, nothing is dropped.
  const mode = form.elements.mode;
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.addEventListener("click", () => {
      mode.value = button.dataset.mode;
      for (const one of document.querySelectorAll("[data-mode]")) one.setAttribute("aria-pressed", String(one === button));
      for (const part of form.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== button.dataset.mode;
      carry(button.dataset.mode);
      changed();
    });
  }
  const letters = ["subjective", "objective", "assessment", "plan"];
  const carry = (to) => {
    const free = form.elements.text;
    const parts = letters.map((name) => form.elements[name]);
    if (to === "free" && !free.value.trim()) {
      const said = parts.filter((part) => part.value.trim());
      free.value = said.length === 1 && said[0] === parts[0] ? parts[0].value : parts.map((part) => part.value.trim() && `${part.dataset.letter} : ${part.value.trim()}`).filter(Boolean).join("\n\n");
      if (free.value) for (const part of parts) part.value = "";
    } else if (to === "soap" && free.value.trim() && parts.every((part) => !part.value.trim())) {
      parts[0].value = free.value;
      free.value = "";
    }
  };
}
