// Wires the account pages: each button says in its data- attribute what it starts. No other page loads this.
'use strict';

(() => {
  const SUITE_MS = 5 * 60 * 1000;
  const { pop, passkey, permanence } = self;
  const problem = document.querySelector('[data-problem]');

  function on(selector, act) {
    for (const found of document.querySelectorAll(selector)) wire(found, act);
  }

  function wire(found, act) {
    const start = async (event) => {
      event.preventDefault();
      const button = found.matches('form') ? found.querySelector('button:not([type=button])') : found;
      button.disabled = true;
      if (problem) problem.textContent = '';
      try {
        await act(found);
      } catch (error) {
        if (problem) problem.textContent = passkey.words(error);
        button.disabled = false;
        button.focus();
      }
    };
    found.addEventListener(found.matches('form') ? 'submit' : 'click', start);
  }

  async function answered(response) {
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.phrase ?? 'Le cabinet ne répond pas. Recommencez.');
    return answer;
  }

  function go(next) {
    const recent = Date.now() - Number(sessionStorage.getItem('suite-depuis') ?? 0) < SUITE_MS; // else it was somebody else's
    const wanted = recent ? sessionStorage.getItem('suite') : null;
    sessionStorage.removeItem('suite');
    location.assign(wanted ?? next ?? '/');
  }

  on('[data-sign-in]', async () => {
    permanence.register();
    try {
      go((await passkey.signIn()).next);
    } catch (error) {
      if (error.code === 'post') location.assign('/poste');
      else throw error;
    }
  });

  // The demo's buttons: no touch, but a key and a proof like everybody.
  on('[data-enter-as]', async (button) => {
    const fresh = await pop.newKey();
    const tier = (await permanence.register()) ? 'worker' : 'page';
    const answer = await passkey.plain('/demo/entrer', { member: button.dataset.enterAs, jwk: fresh.jwk, tier });
    await pop.write({ key: fresh });
    passkey.passed(answer);
    go(answer.next);
  });

  // This browser becomes a post: its own key, a one-time code from an approved post.
  on('[data-enrol-post]', async (form) => {
    const key = await pop.newKey();
    const ready = await passkey.prepare();
    const signature = pop.b64url(await pop.signText(key.key, `permanence/post/v1\n${ready.nonce}\n${key.keyid}`));
    const data = new FormData(form);
    await passkey.plain('/poste/enregistrer', { code: data.get('code'), name: data.get('name'), jwk: key.jwk, nonce: ready.nonce,
      signature });
    await pop.write({ post: key });
    location.assign('/entrer');
  });

  // One more passkey for who is signed in.
  on('[data-new-passkey]', async (form) => {
    const label = new FormData(form).get('label');
    const [held] = await pop.read('key');
    const ready = await answered(await permanence.postJson('/cles/preparer', { keyid: held.keyid }));
    const { sent } = await passkey.create(ready, held.keyid);
    const answer = await answered(await permanence.postJson('/cles/ajouter', { ...sent, label }));
    location.assign(answer.next);
  });

  // A titulaire's passkey becomes a slot of this replica: only the public half of what PRF gives leaves the page.
  on('[data-add-slot]', async () => {
    const { unlocking } = self;
    const seal = await (await fetch('/deverrouiller/sceau', { cache: 'no-store' })).json();
    const bytes = unlocking.fromB64url;
    const credential = await navigator.credentials.get({ publicKey: { challenge: pop.random(32), rpId: seal.rpId,
      userVerification: 'required', extensions: { prf: { eval: { first: bytes(seal.prfSalt) } } } } });
    const secret = credential.getClientExtensionResults().prf?.results?.first;
    if (!secret) throw new Error('Cette clé ne sait pas déverrouiller (pas de PRF). En utiliser une autre.');
    const pair = await unlocking.passkeyPair(secret, bytes(seal.practice), bytes(seal.replica));
    const answer = await answered(await permanence.postJson('/cles/coffre', {
      public: unlocking.b64url(pair.publicKey), credential: unlocking.b64url(credential.rawId) }));
    location.assign(answer.next);
  });

  // The first passkey of an invited member; the session opens with it.
  on('[data-accept-invitation]', async (form) => {
    const code = new FormData(form).get('code');
    const fresh = await pop.newKey();
    const ready = await passkey.plain('/invitation/preparer', { code, keyid: fresh.keyid });
    const { sent } = await passkey.create(ready, fresh.keyid);
    const answer = await passkey.plain('/invitation/accepter', { ...sent, code });
    location.assign(answer.next);
  });

  if (document.querySelector('[data-sign-in]')) permanence.register();
})();
