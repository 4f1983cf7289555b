// The page's half of the request proof. Loaded before htmx: what htmx sends is signed here, never in saved headers.
// Also: native forms and one-use addresses for downloads. Needs pop.js and passkey.js.
'use strict';

self.permanence = (() => {
  const pop = self.pop;
  const TOUCH = ['uv', 'retired', 'frozen', 'session', 'missing', 'unknown-key'];
  const SCRIPTS = /^\/(sw\.js|static\/[\w./-]+\.js)$/;

  const types = self.trustedTypes ?? { createPolicy: (name, rules) => rules };
  const policy = types.createPolicy('permanence', {
    createScriptURL(address) {
      const url = new URL(address, location.origin);
      if (url.origin !== location.origin || !SCRIPTS.test(url.pathname)) throw new TypeError('foreign script');
      return url.href;
    },
    createHTML: (text) => text, // parsed without running anything: see show()
  });

  function csrf() {
    const found = /(?:^|; )(?:__Host-|permanence-)csrf=([^;]+)/.exec(document.cookie);
    return document.body?.dataset.csrf || (found ? found[1] : '');
  }

  // Bytes to cover with the digest; multipart is sent as it is and not covered.
  async function prepared(body) {
    if (body === null || body === undefined) return { bytes: null, type: null };
    if (body instanceof FormData) return { bytes: null, type: null, multipart: true };
    if (body instanceof URLSearchParams) {
      return { bytes: pop.utf8.encode(body.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
    }
    if (typeof body === 'string') return { bytes: pop.utf8.encode(body), type: null };
    return { bytes: new Uint8Array(await new Response(body).arrayBuffer()), type: null };
  }

  // fetch(), proved. Asks for the passkey over the page when the server wants it, then sends the same request again.
  // Rejects with AbortError when the person declines, so that nobody swaps an empty answer over typed text.
  async function provedFetch(address, options = {}) {
    const url = new URL(address, location.href);
    if (url.origin !== location.origin) throw new TypeError('proofs are for our own origin only');
    const { follow = true, ...init } = options;
    const method = (init.method ?? 'GET').toUpperCase();
    const writes = method !== 'GET' && method !== 'HEAD';
    const { bytes, type, multipart } = await prepared(init.body);
    const covered = writes && !multipart ? bytes ?? new Uint8Array() : null;
    let signal = init.signal;
    for (;;) {
      const response = await pop.send(method, url, covered, (extra) => {
        const headers = new Headers(init.headers);
        headers.set('PoP-Page', '1');
        if (type && !headers.has('Content-Type')) headers.set('Content-Type', type);
        if (writes) headers.set('X-CSRFToken', csrf());
        for (const [name, value] of Object.entries(extra)) headers.set(name, value);
        return fetch(url, { ...init, method, headers, signal, body: multipart ? init.body : bytes ?? undefined,
          credentials: 'same-origin', mode: 'same-origin', redirect: 'error', cache: 'no-store' });
      });
      const why = response.headers.get('PoP-Error');
      if (response.status === 401 && TOUCH.includes(why)) {
        await self.passkey.ask(why);
        signal = undefined; // the caller's time limit ran while the person was touching the key
        continue;
      }
      if (response.status === 503 && why === 'sealed') {
        self.passkey.closed();
        throw new DOMException('sealed', 'AbortError'); // nobody swaps an empty answer over typed text
      }
      self.passkey.opened();
      if (response.headers.has('PoP-Locked')) self.passkey.lock();
      pop.rotate().catch(() => undefined);
      const next = response.headers.get('PoP-Location');
      if (!next || !follow) return response;
      return provedFetch(next, { ...init, method: 'GET', body: undefined, signal });
    }
  }

  async function postJson(address, value) {
    return provedFetch(address, { method: 'POST', body: JSON.stringify(value),
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' } });
  }

  // A question that nobody at the page asked: no dialog, no retry, six seconds. Rejects when this machine does not answer.
  async function glance(address) {
    const url = new URL(address, location.href);
    return pop.send('GET', url, null, (extra) => fetch(url, { headers: { 'PoP-Page': '1', Accept: 'text/html', ...extra },
      credentials: 'same-origin', mode: 'same-origin', redirect: 'error', cache: 'no-store', signal: AbortSignal.timeout(6000) }));
  }

  // Puts a piece of a page of ours in the place of an element.
  function put(html, place) {
    const piece = new DOMParser().parseFromString(policy.createHTML(html), 'text/html').body.firstElementChild;
    for (const script of piece?.querySelectorAll('script') ?? []) script.remove();
    if (piece) place.replaceWith(document.adoptNode(piece));
  }

  // Puts a whole page in place without a navigation: an answered form, or every page where there is no worker.
  async function show(html) {
    const parsed = new DOMParser().parseFromString(policy.createHTML(html), 'text/html');
    const loaded = new Set([...document.scripts].map((script) => script.src).filter(Boolean));
    const wanted = [...parsed.scripts].filter((script) => script.src && !loaded.has(script.src));
    for (const script of parsed.querySelectorAll('script')) script.remove();
    for (const sheet of parsed.querySelectorAll('link[rel=stylesheet]')) {
      if (!document.querySelector(`link[href="${CSS.escape(sheet.getAttribute('href'))}"]`)) {
        document.head.append(document.adoptNode(sheet));
      }
    }
    document.title = parsed.title;
    const body = document.adoptNode(parsed.body);
    document.body.replaceWith(body);
    for (const old of wanted) {
      const script = document.createElement('script');
      script.src = policy.createScriptURL(old.src);
      if (old.type) script.type = old.type;
      script.async = false;
      script.addEventListener('load', secure);
      document.head.append(script);
    }
    embed(body);
    self.passkey.watch();
    self.htmx?.process(body);
    document.dispatchEvent(new CustomEvent('permanence:shown'));
  }

  // Where there is no worker, nobody proves what the browser itself asks for: images come as blobs, frames by ticket.
  async function embed(body) {
    if (!noWorker()) return;
    for (const shown of body.querySelectorAll('img[src^="/"]:not([src^="/static/"]), iframe[src^="/"]')) {
      const address = shown.getAttribute('src');
      shown.removeAttribute('src');
      if (shown.localName === 'iframe') shown.src = await ticketed(address);
      else shown.src = URL.createObjectURL(await (await provedFetch(address)).blob());
    }
  }

  async function visit(address, push = true) {
    const response = await provedFetch(address, { headers: { Accept: 'text/html' } });
    if (!(response.headers.get('Content-Type') ?? '').startsWith('text/html')) return ticket(address);
    if (push) history.pushState(null, '', address);
    return show(await response.text());
  }

  // A one-use address for what the worker does not see: saving a file.
  async function ticketed(address) {
    const url = new URL(address, location.href);
    const answer = await postJson('/billet', { adresse: url.pathname + url.search });
    if (!answer.ok) throw new DOMException('no ticket', 'AbortError');
    return (await answer.json()).adresse;
  }

  async function ticket(address, name) {
    const link = document.createElement('a');
    link.href = await ticketed(address);
    link.download = name ?? '';
    link.dataset.ticketed = 'yes';
    link.click();
  }

  const noWorker = () => !navigator.serviceWorker?.controller;
  const quiet = (promise) => promise.catch((error) => { if (error.name !== 'AbortError') throw error; });

  document.addEventListener('submit', (event) => {
    const form = event.target;
    const action = new URL(event.submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? '', location.href);
    if (event.defaultPrevented || form.method === 'dialog' || action.origin !== location.origin) return;
    const data = new FormData(form, event.submitter);
    if (form.method === 'get') {
      if (!noWorker()) return;
      event.preventDefault();
      action.search = new URLSearchParams(data).toString();
      quiet(visit(action.href));
      return;
    }
    event.preventDefault();
    const body = form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
    quiet(provedFetch(action.href, { method: 'POST', body, follow: false, headers: { Accept: 'text/html' } })
      .then(async (response) => {
        const next = response.headers.get('PoP-Location');
        if (!next && response.status === 204) return undefined;
        if (!next) return show(await response.text());
        return noWorker() ? visit(next) : location.assign(next);
      }));
  });

  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button || link.dataset.ticketed || link.origin !== location.origin) return;
    if (link.hasAttribute('download')) {
      event.preventDefault();
      quiet(ticket(link.href, link.download));
    } else if (noWorker() && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
               && (!link.target || link.target === '_self') && !link.getAttribute('href').startsWith('#')) {
      event.preventDefault();
      quiet(visit(link.href));
    }
  });

  document.addEventListener('htmx:before:request', (event) => {
    event.detail.ctx.fetch = provedFetch;
  });

  // Before htmx's own start: its HTML goes through a Trusted Types policy, and no attribute is ever run as code. It starts by a timer of
  // its own, which does not wait for the modules that DOMContentLoaded waits for.
  let secured = false;
  function secure() {
    if (!self.htmx || secured) return;
    secured = true;
    const dead = () => { throw new TypeError('no code in attributes'); };
    const policyOfHtmx = types.createPolicy('htmx', { createHTML: (text) => text, createScript: () => '' });
    self.htmx.registerExtension('permanence', { init: (api) => api.initSecurity(policyOfHtmx, dead, dead) });
  }

  for (const script of document.querySelectorAll('script[src*="htmx"]')) script.addEventListener('load', secure);

  document.addEventListener('DOMContentLoaded', () => {
    secure();
    if (!document.body.hasAttribute('data-bare')) self.passkey.watch();
  });

  async function register() {
    if (!navigator.serviceWorker) return false;
    try {
      await navigator.serviceWorker.register(policy.createScriptURL('/sw.js'), { scope: '/', updateViaCache: 'none' });
      await Promise.race([navigator.serviceWorker.ready, new Promise((resolve) => { setTimeout(resolve, 4000); })]);
      return Boolean((await navigator.serviceWorker.getRegistration('/'))?.active);
    } catch {
      return false;
    }
  }

  return { fetch: provedFetch, glance, put, postJson, csrf, register, show, visit, ticket, noWorker };
})();
