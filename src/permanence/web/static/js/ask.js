// The dialog that a key opens over any page: a task, a call, a message. The page below keeps its place and what is typed in it.
const dialog = document.getElementById("ask");
const body = document.getElementById("ask-body");
let place = -1; // which line was being done: the focus goes to the one that takes its place

export async function openAsk(address) {
  if (dialog.open) return;
  const patient = document.querySelector("#banner[data-patient]")?.dataset.patient;
  const where = patient && !address.includes("?") ? `${address}?dossier=${patient}` : address;
  await htmx.ajax("GET", where, { target: "#ask-body", swap: "innerHTML" });
  if (!body.querySelector("form")) return; // refused: said on the page
  dialog.showModal();
  const first = body.querySelector("[autofocus]");
  first?.focus();
  first?.select?.(); // what stands there is a proposal: typing replaces it
}

// « Annuler » closes; nothing was written.
dialog.addEventListener("click", (event) => {
  if (!event.target.closest("[data-cancel]")) return;
  event.preventDefault();
  dialog.close();
});
dialog.addEventListener("close", () => body.replaceChildren());
