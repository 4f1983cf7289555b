// The worker proves what the browser itself sends: GET navigations, images, frames. It stores no page and no data.
// It never handles another method, nor a navigation that our own pages did not start: it would lend our origin to a
// stranger's form or link. Those meet the shell, which asks the person first (ADR 23).
'use strict';

const UNPROVED = /^\/(static\/|sw\.js$|sante$)/;

self.addEventListener('install', (event) => {
  // Without this, Chromium races an unproved navigation against a stopped worker.
  if (event.addRoutes) {
    event.waitUntil(event.addRoutes([
      { condition: { urlPattern: { pathname: '/static/*' } }, source: 'network' },
      { condition: { requestMode: 'navigate' }, source: 'fetch-event' },
    ]).catch(() => undefined));
  }
  self.skipWaiting();
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

function ours(request) {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || UNPROVED.test(url.pathname)) return null;
  if (request.headers.has('Signature') || url.searchParams.has('billet')) return null;
  const from = request.referrer;
  if (!from || from === 'about:client') return request.mode === 'navigate' ? null : url;
  return new URL(from).origin === url.origin ? url : null;
}

async function proved(request, url) {
  // A navigation's Request cannot be copied as such; its redirects stay the browser's business.
  const plain = { method: 'GET', mode: 'same-origin', credentials: 'same-origin', cache: 'no-store',
    redirect: request.redirect, referrer: request.referrer, signal: request.signal };
  return self.pop.send('GET', url, null, (extra) => {
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    return fetch(url, { ...plain, headers });
  });
}

// In the place of a machine that answers no more: where to go on. Of the other machines their names and addresses are known, nothing else.
async function lost(error) {
  if (error.name === 'AbortError') throw error; // the person left, or declined
  const [doors] = await self.pop.read('doors').catch(() => [[]]);
  const safe = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const ways = (doors ?? []).filter((door) => /^https?:\/\//.test(door.url))
    .map((door) => `<p><a href="${safe(door.url)}" rel="noreferrer">Continuer sur ${safe(door.name)}</a></p>`).join('');
  const html = `<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Cette machine ne répond plus</title><style>:root{color-scheme:light dark}
body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}h1{font-size:1.5rem}a{display:inline-block;padding:.6rem 1rem;border:1px solid;border-radius:8px;font-weight:600;
text-decoration:none;color:inherit}</style><main><h1>Cette machine ne répond plus</h1>
<p>Ce qui est enregistré est gardé. Vérifier qu’elle est allumée et sur le réseau du cabinet.</p>${ways}
<p><a href="">Réessayer</a></p>${ways ? '' : '<p>Sans autre machine&nbsp;: prendre le kit du soir.</p>'}</main></html>`;
  return new Response(html, { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" } });
}

self.addEventListener('fetch', (event) => {
  const url = ours(event.request);
  if (!url) return;
  const answer = proved(event.request, url);
  const page = event.request.mode === 'navigate';
  event.respondWith(page ? answer.catch((error) => lost(error)) : answer);
  event.waitUntil(answer.then(() => self.pop.rotate()).catch(() => undefined));
});
