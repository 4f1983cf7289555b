// The unlock page: one touch gives the PRF's secret and the assertion; the boxes are opened here (unlock.js).
'use strict';

(() => {
  const { passkey, permanence, pop, unlocking } = self;
  const button = document.querySelector('[data-unlock]');
  const problem = document.querySelector('[data-problem]');
  const bytes = unlocking.fromB64url;
  if (!button) return;

  async function opened(seal, secret) {
    const pair = await unlocking.passkeyPair(secret, bytes(seal.practice), bytes(seal.replica));
    const mine = unlocking.b64url(pair.publicKey);
    const slot = seal.slots.find((one) => one.public === mine);
    if (!slot) {
      throw new Error('Cette clé n’ouvre pas ce cabinet. Utiliser une autre clé, ou la feuille de secours sur le poste principal.');
    }
    return unlocking.b64url(await unlocking.open(pair, bytes(slot.box), bytes(seal.info)));
  }

  async function unlock() {
    const seal = await (await fetch('/deverrouiller/sceau', { cache: 'no-store' })).json();
    const [fresh, [post]] = await Promise.all([pop.newKey(), pop.read('post')]);
    const challenge = await pop.sha256(`permanence/unlock/v1\n${seal.nonce}\n${fresh.keyid}`);
    const credential = await navigator.credentials.get({ publicKey: { challenge, rpId: seal.rpId,
      userVerification: 'required', timeout: 120000, extensions: { prf: { eval: { first: bytes(seal.prfSalt) } } } } });
    const secret = credential.getClientExtensionResults().prf?.results?.first;
    if (!secret) throw new Error('Cette clé ne sait pas déverrouiller (pas de PRF). Utiliser une autre clé.');
    const sent = { opened: await opened(seal, secret), nonce: seal.nonce, jwk: fresh.jwk,
      credential: passkey.asJson(credential), tier: (await permanence.register()) ? 'worker' : 'page' };
    if (post) {
      sent.post = { keyid: post.keyid,
        signature: pop.b64url(await pop.signText(post.key, `permanence/post/v1\n${seal.nonce}\n${fresh.keyid}`)) };
    }
    const answer = await passkey.plain('/deverrouiller/ouvrir', sent);
    if (answer.fresh) await pop.write({ key: fresh });
    passkey.passed(answer);
    location.assign(answer.next);
  }

  button.addEventListener('click', async () => {
    button.disabled = true;
    problem.textContent = '';
    try {
      await unlock();
    } catch (error) {
      problem.textContent = passkey.words(error);
      button.disabled = false;
      button.focus();
    }
  });
})();
