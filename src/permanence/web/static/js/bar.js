// The strip of a page that stays open: asked again every five seconds while somebody sees it. When this machine answers no more,
// the page says so, keeps what was typed, and shows the way to the other machines.
const EVERY_MS = 5000;
let failed = 0;
let asking = false;

async function look() {
  const bar = document.getElementById("bar");
  if (!bar || asking || document.hidden || document.documentElement.dataset.locked) return;
  asking = true;
  try {
    const answer = await self.permanence.glance(`${bar.dataset.again}?vu=${bar.dataset.mark}`);
    failed = 0;
    if (answer.status === 200) self.permanence.put(await answer.text(), bar);
  } catch {
    failed += 1;
  }
  asking = false;
  if (failed !== 1) show(failed > 1); // one that failed may have met a page that was leaving
  keep();
}

function show(gone) {
  const [strip, lost] = document.querySelectorAll("#bar > .strip");
  if (lost && lost.hidden === gone) {
    strip.hidden = gone;
    lost.hidden = !gone;
  }
  measure();
}

// While it says so it stays in sight: what is sticky stands below it, and what it would cover moves down with the page.
let tall = 0;
function measure() {
  const lost = document.querySelector("#bar > [data-state=gone]:not([hidden])");
  const height = lost ? lost.offsetHeight : 0;
  if (height === tall) return;
  const more = height - tall;
  tall = height;
  document.documentElement.style.setProperty("--gone", `${height}px`);
  if (more < 0 || self.scrollY < more) return;
  self.scrollBy({ top: -more, behavior: "instant" });
  const typed = document.activeElement?.closest("input, textarea, select");
  const box = typed?.getBoundingClientRect();
  if (box && box.bottom > 0 && box.top < self.innerHeight) typed.scrollIntoView({ block: "nearest", behavior: "instant" });
}

// For the worker, which answers in this machine's place once it is gone.
let kept = "";
function keep() {
  const doors = [...document.querySelectorAll("#bar [data-door]")].map((door) => ({ name: door.dataset.door, url: door.href }));
  if (kept === (kept = JSON.stringify(doors))) return;
  self.pop.write({ doors }).catch(() => undefined);
}

keep();
setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
self.addEventListener("resize", measure);
