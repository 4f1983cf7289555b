// Ceremonies in the browser: sign-in, one-touch return, step-up, person change, new passkeys. No password, no typed name.
// The thumbprint of the session's key is inside each challenge: the touch vouches for the key.
'use strict';

self.passkey = (() => {
  const pop = self.pop;
  const IDLE_MS = 15 * 60 * 1000;
  const PRESENCE_MS = 2 * 60 * 1000;
  const WORDS = {
    uv: ['Session verrouillée', 'Touchez votre clé pour continuer\u00a0: rien de ce que vous avez saisi n’est perdu.'],
    retired: ['Vérification demandée', 'Cette session a aussi été utilisée ailleurs avec une ancienne clé. Touchez votre clé '
      + 'pour la reprendre ici\u202f; prévenez un titulaire si vous n’avez pas changé de poste.'],
    session: ['Session terminée', 'Touchez votre clé pour en ouvrir une nouvelle\u00a0: votre saisie reste à l’écran.'],
  };
  WORDS.frozen = WORDS.retired;
  WORDS.missing = WORDS.session;
  WORDS['unknown-key'] = WORDS.session;

  function asJson(credential) {
    const text = (buffer) => (buffer ? pop.b64url(buffer) : undefined);
    const answer = credential.response;
    const response = { clientDataJSON: text(answer.clientDataJSON) };
    if (answer.attestationObject) {
      response.attestationObject = text(answer.attestationObject);
      response.transports = answer.getTransports?.() ?? [];
    } else {
      response.authenticatorData = text(answer.authenticatorData);
      response.signature = text(answer.signature);
      response.userHandle = text(answer.userHandle);
    }
    const prf = credential.getClientExtensionResults().prf;
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      // Whether PRF exists, never what it gave.
      clientExtensionResults: prf ? { prf: { enabled: Boolean(prf.enabled ?? prf.results) } } : {} };
  }

  async function plain(address, value) {
    const response = await fetch(address, { method: 'POST', body: JSON.stringify(value), cache: 'no-store',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json',
        'X-CSRFToken': self.permanence.csrf() } });
    await pop.note(response);
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error(answer.phrase ?? 'Le cabinet ne répond pas. Recommencez.'), answer);
    return answer;
  }

  const prepare = async () => (await fetch('/session/defi', { cache: 'no-store' })).json();

  // One touch, for the ceremony's label. Resolves to what the server needs, and to a new key to keep if it says so.
  async function touch(label, held) {
    const [fresh, ready, [post]] = await Promise.all([pop.newKey(), prepare(), pop.read('post')]);
    const keys = held ? `${held}.${fresh.keyid}` : fresh.keyid;
    const challenge = await pop.sha256(`${label}\n${ready.nonce}\n${keys}`);
    const credential = await navigator.credentials.get({ publicKey: { challenge, rpId: ready.rp_id,
      userVerification: 'required', timeout: 120000 } });
    const sent = { nonce: ready.nonce, jwk: fresh.jwk, credential: asJson(credential),
      tier: (await self.permanence.register()) ? 'worker' : 'page' };
    if (post) {
      sent.post = { keyid: post.keyid,
        signature: pop.b64url(await pop.signText(post.key, `permanence/post/v1\n${ready.nonce}\n${fresh.keyid}`)) };
    }
    return { fresh, sent, credential };
  }

  async function signIn() {
    const { fresh, sent } = await touch('permanence/sign-in/v1');
    const answer = await plain('/session', sent);
    await pop.write({ key: fresh });
    passed(answer);
    return answer;
  }

  // The same person goes on with the session's key; another person, or a frozen session, begins with the new one.
  async function confirm() {
    const [key] = await pop.read('key');
    const held = key?.keyid ?? 'none';
    const { fresh, sent } = await touch('permanence/confirm/v1', held);
    const answer = await plain('/session/lever', { ...sent, held });
    if (answer.fresh) await pop.write({ key: fresh });
    return answer;
  }

  // The words of a refusal by the browser or by the server, for the person.
  function words(error) {
    if (error.name === 'NotAllowedError') return 'La clé n’a pas été touchée. Recommencer quand vous êtes prêt.';
    if (error.name === 'SecurityError') return 'Ce poste n’utilise pas l’adresse du cabinet. Ouvrir l’adresse habituelle.';
    return error.message;
  }

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  let asked = null;
  let settle = null; // closes the overlay when another tab was answered

  // The overlay. Resolves once the same person is verified; another person goes to their own home page.
  function ask(why) {
    asked ??= new Promise((resolve, reject) => {
      const [title, text] = WORDS[why] ?? WORDS.uv;
      const problem = element('p', { className: 'error', role: 'alert' });
      const go = element('button', { type: 'button', className: 'btn primary', autofocus: true }, 'Continuer avec ma clé');
      const out = element('button', { type: 'button', className: 'btn quiet' }, 'Plus tard');
      const heading = element('h2', { id: 'lock-title' }, title);
      const dialog = element('dialog', { className: 'lock-overlay' }, heading, element('p', {}, text), problem,
        element('div', { className: 'lock-actions' }, go, out),
        element('p', { className: 'hint' }, 'Autre personne\u00a0: qu’elle touche sa propre clé. Elle ouvre sa session '
          + 'sur ce poste, et la vôtre reste verrouillée avec vos brouillons.'),
        element('p', { className: 'hint' }, element('a', { href: '/entrer' }, 'Aller à la page d’entrée')));
      dialog.setAttribute('aria-labelledby', 'lock-title');
      const away = why === 'uv' && document.documentElement.dataset.locked;
      out.hidden = Boolean(away);
      const done = (answer, value) => {
        dialog.close();
        dialog.remove();
        delete document.documentElement.dataset.locked;
        asked = settle = null;
        last = Date.now();
        answer(value);
      };
      settle = () => done(resolve);
      dialog.addEventListener('cancel', (event) => {
        event.preventDefault();
        if (!out.hidden) out.click();
      });
      out.addEventListener('click', () => done(reject, new DOMException('declined', 'AbortError')));
      go.addEventListener('click', async () => {
        go.disabled = true;
        problem.textContent = '';
        try {
          const answer = await confirm();
          if (answer.changed) {
            passed(answer);
            location.assign(answer.next ?? '/');
            return;
          }
          channel?.postMessage({ unlocked: true });
          done(resolve, answer);
          seen();
        } catch (error) {
          problem.textContent = words(error);
          go.disabled = false;
          go.focus();
        }
      });
      document.body.append(dialog);
      dialog.showModal();
    });
    return asked;
  }

  // ---- idle lock: all tabs share what they see of the person; the server locks by itself in any case ----
  const channel = 'BroadcastChannel' in self ? new BroadcastChannel('permanence') : null;
  let last = Date.now();
  let told = Date.now();

  // Another person's session began in this browser: the other tabs still show the first one's pages.
  function passed(answer) {
    if (answer.changed) channel?.postMessage({ changed: true });
  }

  // The practice was sealed under this page. What is typed stays; the way in opens beside it.
  function closed() {
    if (!document.querySelector('form[data-guard][data-dirty]')) return location.assign('/deverrouiller');
    if (document.documentElement.dataset.sealed) return undefined; // said once
    document.documentElement.dataset.sealed = 'yes';
    const back = element('button', { type: 'button', className: 'btn quiet' }, 'Revenir à ma saisie');
    const dialog = element('dialog', { className: 'lock-overlay sealed-overlay' },
      element('h2', { id: 'sealed-title' }, 'Le cabinet s’est refermé'),
      element('p', {}, 'Le serveur a redémarré. Votre saisie reste sur cette page\u00a0: déverrouiller le cabinet dans un autre '
        + 'onglet, puis revenir ici et enregistrer.'),
      element('div', { className: 'lock-actions' },
        element('a', { href: '/deverrouiller', target: '_blank', className: 'btn primary' }, 'Déverrouiller dans un autre onglet'), back));
    dialog.setAttribute('aria-labelledby', 'sealed-title');
    back.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    return dialog.showModal();
  }

  // It answers again.
  function opened() {
    if (!document.documentElement.dataset.sealed) return;
    delete document.documentElement.dataset.sealed;
    document.querySelector('dialog.sealed-overlay')?.close();
  }

  function seen() {
    last = Date.now();
    channel?.postMessage({ seen: last });
  }

  function lock() {
    if (document.documentElement.dataset.locked) return;
    document.documentElement.dataset.locked = 'yes';
    channel?.postMessage({ locked: true });
    ask('uv').catch(() => undefined);
  }

  let watching = false;

  function watch() {
    if (watching) return;
    watching = true;
    let noted = 0;
    for (const name of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
      addEventListener(name, () => {
        if (document.documentElement.dataset.locked || Date.now() - noted < 1000) return;
        noted = Date.now();
        seen();
      }, { capture: true, passive: true });
    }
    channel?.addEventListener('message', (event) => {
      if (event.data.seen) last = Math.max(last, event.data.seen);
      if (event.data.locked) lock();
      if (event.data.unlocked) settle?.();
      if (event.data.changed) location.assign('/');
    });
    setInterval(() => {
      if (document.documentElement.dataset.locked) return;
      if (Date.now() - last >= IDLE_MS) lockNow();
      else if (last > told && Date.now() - told >= PRESENCE_MS) {
        told = Date.now(); // the person reads or types without asking anything of the server
        self.permanence.postJson('/session/presence', {}).catch(() => undefined);
      }
    }, 5000);
  }

  async function lockNow() {
    lock();
    const body = pop.utf8.encode('{}');
    const url = new URL('/session/verrouiller', location.origin);
    await pop.send('POST', url, body, (headers) => fetch(url, { method: 'POST', body, headers: { ...headers,
      'Content-Type': 'application/json', 'X-CSRFToken': self.permanence.csrf() } })).catch(() => undefined);
  }

  // ---- a new passkey, with PRF asked at creation and retried without ----
  async function create(ready, keyid) {
    const bytes = pop.fromB64url;
    const options = { ...ready.options, challenge: bytes(ready.options.challenge),
      user: { ...ready.options.user, id: bytes(ready.options.user.id) },
      excludeCredentials: (ready.options.excludeCredentials ?? []).map((c) => ({ ...c, id: bytes(c.id) })) };
    const prf = ready.prf_salt ? { prf: { eval: { first: bytes(ready.prf_salt) } } } : { prf: {} };
    let credential;
    try {
      credential = await navigator.credentials.create({ publicKey: { ...options, extensions: prf } });
    } catch (error) {
      if (['NotAllowedError', 'InvalidStateError', 'SecurityError', 'AbortError'].includes(error.name)) throw error;
      credential = await navigator.credentials.create({ publicKey: options });
    }
    return { credential, sent: { nonce: ready.nonce, keyid, credential: asJson(credential) } };
  }

  return { signIn, confirm, ask, touch, create, plain, asJson, words, watch, lock, prepare, passed, closed, opened };
})();
