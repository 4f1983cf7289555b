// Request proof, shared by page and worker: the session's key, the server's nonce, and the signing of one request.
// Fixed RFC 9421 profile; the server's half is accounts/proof.py. Nothing clinical is ever stored here.
'use strict';

self.pop = (() => {
  const ROTATE_MS = 10 * 60 * 1000;
  const RETRIED = ['nonce', 'unknown-key'];
  const utf8 = new TextEncoder();
  let opened = null;

  const b64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const b64url = (buffer) => b64(buffer).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const fromB64url = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const random = (n) => crypto.getRandomValues(new Uint8Array(n));
  const sha256 = (data) => crypto.subtle.digest('SHA-256', typeof data === 'string' ? utf8.encode(data) : data);

  function database() {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open('permanence', 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore('pop');
      asked.onsuccess = () => {
        asked.result.onclose = asked.result.onversionchange = () => { opened = null; };
        resolve(asked.result);
      };
      asked.onerror = () => { opened = null; reject(asked.error); };
    });
    return opened;
  }

  // Reads several names in one transaction: a key and a nonce that belong together.
  async function read(...names) {
    const store = (await database()).transaction('pop').objectStore('pop');
    return Promise.all(names.map((name) => new Promise((resolve, reject) => {
      const asked = store.get(name);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    })));
  }

  async function write(values) {
    const change = (await database()).transaction('pop', 'readwrite');
    for (const [name, value] of Object.entries(values)) {
      if (value === null) change.objectStore('pop').delete(name);
      else change.objectStore('pop').put(value, name);
    }
    return new Promise((resolve, reject) => {
      change.oncomplete = () => resolve();
      change.onerror = change.onabort = () => reject(change.error);
    });
  }

  // A new P-256 pair; the private half cannot be exported by any page.
  async function newKey() {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    const jwk = { crv, kty, x, y };
    return { keyid: b64url(await sha256(JSON.stringify(jwk))), jwk, key: pair.privateKey, since: Date.now() };
  }

  const signText = async (key, text) =>
    crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, utf8.encode(text));

  // The headers that prove one request. `body`: bytes when the digest is covered, null for GET and multipart.
  async function prove(method, url, body) {
    const [held, nonce] = await read('key', 'nonce');
    if (!held) return {};
    const covered = '"@method" "@authority" "@path" "@query"' + (body ? ' "content-digest"' : '');
    const params = `(${covered});keyid="${held.keyid}"`
      + `;nonce="${nonce ?? 'A'.repeat(22)}.${b64url(random(12))}";tag="pop"`;
    const digest = body ? `sha-256=:${b64(await sha256(body))}:` : '';
    const base = `"@method": ${method}\n"@authority": ${url.host}\n"@path": ${url.pathname}\n`
      + `"@query": ${url.search || '?'}\n${body ? `"content-digest": ${digest}\n` : ''}"@signature-params": ${params}`;
    const headers = { 'Signature-Input': `pop=${params}`,
      Signature: `pop=:${b64(await signText(held.key, base))}:` };
    if (body) headers['Content-Digest'] = digest;
    return headers;
  }

  let lastNonce = null;
  async function note(response) {
    const nonce = response.headers.get('PoP-Nonce');
    if (nonce && nonce !== lastNonce) {
      lastNonce = nonce;
      await write({ nonce });
    }
  }

  // Sends what `make(headers)` builds, proved; one silent retry when only the nonce or the key had moved on.
  async function send(method, url, body, make) {
    for (let attempt = 0; ; attempt += 1) {
      const response = await make(await prove(method, url, body));
      await note(response);
      const again = response.status === 401 && RETRIED.includes(response.headers.get('PoP-Error'));
      if (!again || attempt > 0) return response;
    }
  }

  // Every ten minutes of use: a new key, announced by the old one; the server promotes it at first use.
  async function rotate(force = false) {
    await navigator.locks.request('pop-rotate', { ifAvailable: !force }, async (lock) => {
      const [held] = await read('key');
      if (!lock || !held || (!force && Date.now() - held.since < ROTATE_MS)) return;
      const fresh = await newKey();
      const body = utf8.encode(JSON.stringify({ jwk: fresh.jwk }));
      const url = new URL('/session/cle', self.location.origin);
      const answer = await send('POST', url, body, (headers) => fetch(url, {
        method: 'POST', body, headers: { ...headers, 'Content-Type': 'application/json' }, cache: 'no-store' }));
      const [still] = await read('key');
      if (answer.ok && still?.keyid === held.keyid) await write({ key: fresh });
    });
  }

  return { b64url, fromB64url, random, sha256, utf8, read, write, newKey, signText, prove, note, send, rotate };
})();
