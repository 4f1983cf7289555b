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

self.addEventListener('fetch', (event) => {
  const url = ours(event.request);
  if (!url) return;
  const answer = proved(event.request, url);
  event.respondWith(answer);
  event.waitUntil(answer.then(() => self.pop.rotate()).catch(() => undefined));
});
