// One browser known at several machines of the practice: from the page of one to the page of the other and back, in fragments only.
const { pop, passkey, permanence } = self;
const QUEUE = 'rattacher';
const problem = document.querySelector('[data-problem]');

const pack = (value) => pop.b64url(pop.utf8.encode(JSON.stringify(value)));

// What the other page handed on; gone from the address at once.
function handed() {
  const text = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  try {
    return JSON.parse(new TextDecoder().decode(pop.fromB64url(text)));
  } catch {
    return {};
  }
}

async function answered(response) {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.phrase ?? 'Le cabinet ne répond pas. Recommencez.');
  return answer;
}

function say(error) {
  if (problem) problem.textContent = passkey.words(error);
  for (const link of document.querySelectorAll('[data-way-back]')) link.hidden = false;
}

async function begin(address, machine) {
  const answer = await answered(await permanence.postJson(address, { machine }));
  location.assign(`${answer.go}#${pack({ from: location.origin, state: answer.state })}`);
}

// The next machine of « sur toutes », when the browser has come back from one.
async function next(card) {
  const left = JSON.parse(sessionStorage.getItem(QUEUE) ?? '[]').filter((id) => card?.querySelector(`[data-tie="${CSS.escape(id)}"]`));
  sessionStorage.removeItem(QUEUE);
  if (!left.length) return;
  sessionStorage.setItem(QUEUE, JSON.stringify(left.slice(1)));
  await begin(card.dataset.tieAt, left[0]);
}

function wire(card) {
  if (card.dataset.tieWired) return;
  card.dataset.tieWired = 'yes';
  card.addEventListener('click', (event) => {
    const button = event.target.closest('[data-tie], [data-tie-all]');
    if (!button) return;
    const every = [...card.querySelectorAll('[data-tie]')].map((one) => one.dataset.tie);
    const [first, ...rest] = button.matches('[data-tie]') ? [button.dataset.tie] : every;
    sessionStorage.setItem(QUEUE, JSON.stringify(rest));
    button.disabled = true;
    const told = card.querySelector('[data-tie-problem]');
    told.textContent = '';
    begin(card.dataset.tieAt, first).catch((error) => {
      told.textContent = passkey.words(error);
      button.disabled = false;
      button.focus();
    });
  });
}

// At the other machine: the key is made here first, and what comes back with a word for it is kept.
async function there(page) {
  const said = handed();
  const [held] = await pop.read('tie');
  if (said.state && said.from) {
    const [key, ready] = await Promise.all([pop.newKey(), passkey.prepare()]);
    const from = new URL(said.from);
    if (from.protocol !== location.protocol || !from.hostname.endsWith(`.${ready.rp_id}`)) throw new Error('Cette adresse n’est pas du cabinet.');
    await pop.write({ tie: { key, nonce: ready.nonce, from: from.origin } });
    location.replace(`${from.origin}${page.dataset.back}#${pack({ state: said.state, keyid: key.keyid, nonce: ready.nonce })}`);
    return;
  }
  if (!said.word || !held) throw new Error('Commencer depuis l’autre machine\u00a0: « Prêts pour une coupure », puis « Enregistrer ce poste ».');
  for (const link of document.querySelectorAll('[data-way-back]')) link.href = held.from + page.dataset.ready;
  const { key, nonce, from } = held;
  const signature = pop.b64url(await pop.signText(key.key, `permanence/post/v1\n${nonce}\n${key.keyid}`));
  await pop.write({ tie: null });
  await passkey.plain(page.dataset.tieHere, { word: said.word, jwk: key.jwk, signature });
  await pop.write({ post: key });
  location.replace(`${from}${page.dataset.back}#${pack({ done: true })}`);
}

// Back here: this machine's word for that key.
async function vouch(page) {
  const said = handed();
  if (said.done) return location.replace(`${page.dataset.ready}?fait=poste_rattache`);
  if (!said.state) throw new Error('Commencer depuis « Prêts pour une coupure ».');
  const answer = await answered(await permanence.postJson(page.dataset.vouch, said));
  return location.replace(`${answer.go}#${pack({ word: answer.word })}`);
}

function start() {
  for (const card of document.querySelectorAll('[data-tie-at]')) wire(card);
  const other = document.querySelector('[data-tie-here]');
  const here = document.querySelector('[data-vouch]');
  if (other) there(other).catch(say);
  else if (here) vouch(here).catch(say);
  else if (new URLSearchParams(location.search).get('fait') === 'poste_rattache') {
    next(document.querySelector('[data-tie-at]')).catch(() => undefined);
  }
}

start();
document.addEventListener('htmx:after:swap', () => {
  for (const card of document.querySelectorAll('[data-tie-at]')) wire(card);
});
