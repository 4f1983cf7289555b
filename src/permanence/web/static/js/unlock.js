// Opens the sealed practice with a passkey: PRF -> HKDF -> X25519 -> HPKE (RFC 9180), all here. The server never sees a
// slot's key: it gets the 64 bytes of a box (practice root, database key) and checks them before it uses them.
'use strict';

self.unlocking = (() => {
  const { subtle } = crypto;
  const utf8 = new TextEncoder();
  const empty = new Uint8Array();
  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((n, part) => n + part.byteLength, 0));
    let at = 0;
    for (const part of parts) { whole.set(new Uint8Array(part), at); at += part.byteLength; }
    return whole;
  };
  const X25519_PKCS8 = Uint8Array.from([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20]);
  const KEM = join(utf8.encode('KEM'), Uint8Array.from([0, 0x20]));
  const HPKE = join(utf8.encode('HPKE'), Uint8Array.from([0, 0x20, 0, 1, 0, 2]));

  const fromB64url = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const b64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

  async function hmac(key, data) {
    const usable = key.byteLength ? key : new Uint8Array(32); // WebCrypto refuses an empty key; HMAC pads it with zeros
    const held = await subtle.importKey('raw', usable, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return new Uint8Array(await subtle.sign('HMAC', held, data));
  }
  const extract = (suite, salt, label, ikm) => hmac(salt, join(utf8.encode('HPKE-v1'), suite, utf8.encode(label), ikm));
  const expand = async (suite, prk, label, info, length) => (await hmac(prk, join(Uint8Array.from([0, length]),
    utf8.encode('HPKE-v1'), suite, utf8.encode(label), info, Uint8Array.from([1])))).slice(0, length);

  // The X25519 pair of a slot, from the PRF's 32 bytes: { key, publicKey }.
  async function slotPair(secret, salt, info) {
    const ikm = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
    const raw = await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, 256);
    return pairOf(raw);
  }

  // The pair of a passkey's slot at one replica: names-and-passkeys.md, "Unlocking with a passkey".
  const passkeyPair = (secret, practice, replica) =>
    slotPair(secret, practice, join(utf8.encode('permanence/slot/passkey/v1'), replica));

  async function pairOf(raw) {
    const key = await subtle.importKey('pkcs8', join(X25519_PKCS8, raw), { name: 'X25519' }, true, ['deriveBits']);
    return { key, publicKey: fromB64url((await subtle.exportKey('jwk', key)).x) };
  }

  // HPKE base mode, X25519 / HKDF-SHA256 / AES-256-GCM. Rejects when the box is for another key.
  async function open(pair, sealed, info, aad = empty) {
    const enc = sealed.slice(0, 32);
    const sender = await subtle.importKey('raw', enc, { name: 'X25519' }, true, []);
    const dh = new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: sender }, pair.key, 256));
    const prk = await extract(KEM, empty, 'eae_prk', dh);
    const shared = await expand(KEM, prk, 'shared_secret', join(enc, pair.publicKey), 32);
    const context = join(Uint8Array.from([0]), await extract(HPKE, empty, 'psk_id_hash', empty),
      await extract(HPKE, empty, 'info_hash', info));
    const secret = await extract(HPKE, shared, 'secret', empty);
    const key = await subtle.importKey('raw', await expand(HPKE, secret, 'key', context, 32), 'AES-GCM', false, ['decrypt']);
    const iv = await expand(HPKE, secret, 'base_nonce', context, 12);
    return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, sealed.slice(32)));
  }

  return { slotPair, passkeyPair, open, fromB64url, b64url, utf8, join };
})();
