// A file that is being read says so: it may take minutes, and the page only changes at the end.
document.addEventListener("submit", (event) => {
  const words = event.target.dataset.carry;
  if (words) event.target.querySelector("[data-busy]").textContent = words;
});
