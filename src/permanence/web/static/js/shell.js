// The shell's only work: find out why the page was not proved, mend it, and ask for the same page again (GET, 3 tries).
// What comes from outside (a link elsewhere, a bookmark, a typed address) opens nothing by itself: the person says so first.
'use strict';

(async () => {
  const { permanence, pop } = self;
  const TRIES = 3;
  const MEANT_MS = 600;
  const here = location.pathname + location.search;
  const status = document.querySelector('[data-status]');
  const say = (text) => { status.textContent = text; };

  if (window !== window.top) return; // in a frame: the page around it speaks

  // No page of ours led here. That it is asked for again says nothing: a stranger's page may reload into ours. « / » shows nothing of anybody's choosing.
  function fromOutside() {
    return here !== '/' && !document.referrer.startsWith(`${location.origin}/`);
  }

  // Resolves once the person has said « Ouvrir ». A click that was meant for the page before this one does not count.
  function asked() {
    const ask = document.querySelector('[data-ask]');
    const open = ask.querySelector('button');
    ask.querySelector('[data-what]').textContent = /^\/patients\/[0-9a-f-]{36}\//.test(here) ? 'un dossier de patient' : 'une page';
    status.hidden = true;
    document.querySelector('[data-enter]').hidden = true;
    ask.hidden = false;
    let waiting = 0;
    const arm = () => { // counted from when the person sees this window, and again each time they come back to it
      clearTimeout(waiting);
      open.disabled = true;
      if (!document.hasFocus()) return;
      waiting = setTimeout(() => {
        open.disabled = false;
        open.focus();
      }, MEANT_MS);
    };
    for (const moment of ['focus', 'blur']) addEventListener(moment, arm);
    document.addEventListener('visibilitychange', arm);
    open.addEventListener('keydown', (event) => { if (event.repeat) event.preventDefault(); });
    arm();
    return new Promise((resolve) => {
      open.addEventListener('click', () => {
        for (const moment of ['focus', 'blur']) removeEventListener(moment, arm);
        document.removeEventListener('visibilitychange', arm);
        ask.hidden = true;
        status.hidden = false;
        resolve();
      });
    });
  }

  function leave() {
    sessionStorage.setItem('suite', here);
    sessionStorage.setItem('suite-depuis', String(Date.now()));
    location.replace('/entrer');
  }

  if (fromOutside()) await asked();
  let key = null;
  try {
    [key] = await pop.read('key');
  } catch {
    say('Ce navigateur ne garde pas de clé (navigation privée\u202f?). Aucun dossier ne peut y être montré\u00a0: '
      + 'ouvrir une fenêtre ordinaire.');
    return;
  }
  const url = new URL('/session/etat', location.origin);
  const state = await pop.send('GET', url, null, (headers) => fetch(url, { headers, cache: 'no-store' }));
  const why = state.headers.get('PoP-Error');
  if (state.status === 503) return location.replace('/deverrouiller');
  if (why === 'session' || !key) return leave();
  if (why) {
    try {
      await self.passkey.ask(why);
    } catch {
      return leave();
    }
  }
  const tries = Number(sessionStorage.getItem('tries') ?? 0);
  if ((await permanence.register()) && tries < TRIES) {
    sessionStorage.setItem('tries', String(tries + 1));
    location.replace(here);
    return;
  }
  sessionStorage.removeItem('tries');
  await permanence.visit(here, false); // no worker here: pages are fetched, signed by the page
  addEventListener('popstate', () => permanence.visit(location.pathname + location.search, false));
})();
