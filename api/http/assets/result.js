// Keeps the result page up to date. Everything is set as text: what a cloud calls an account is never markup.
const card = document.getElementById('progress');
const section = document.getElementById('found');
const field = (name) => card.querySelector(`[data-field="${name}"]`);

const EVERY_MS = 1500;
const SLOWER_AFTER = 40;
const SLOW_EVERY_MS = 10_000;
let polls = 0;

const triesText = ({ attempts, nextTryAt }) =>
  `Tried ${attempts === 1 ? 'once' : `${attempts} times`}; ${
    nextTryAt === null ? 'a try is being made now.' : `the next try is at ${nextTryAt.slice(11, 19)} UTC.`
  }`;

/** An address of another scheme could be a script. */
const webAddress = (address) => {
  const url = address && URL.canParse(address) ? new URL(address) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
};

function showLink(anchor, href, text) {
  anchor.parentElement.hidden = !href;
  if (href) anchor.href = href;
  anchor.textContent = text;
}

function show({ tone, title, sentence, account, problem, waiting, again }) {
  const heading = field('title');
  heading.textContent = title;
  heading.className = `tone ${tone}`;
  document.title = `${title} · Mooring`;
  field('sentence').textContent = sentence;
  field('account').textContent = account ?? '';
  field('remedy').textContent = problem?.remedy ?? '';
  field('code').textContent = problem?.code ?? '';
  field('tries').textContent = waiting ? triesText(waiting) : '';
  const link = webAddress(problem?.link);
  showLink(field('link'), link?.href, link ? `Open ${link.host}` : '');
  document.getElementById('try-now').hidden = !waiting;
  showLink(document.getElementById('again'), again, waiting ? 'Change what was submitted' : 'Try again');
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

/** Only https: an address of another scheme could be a script. */
function nameOf({ name, consoleUrl }) {
  const url = webAddress(consoleUrl);
  if (url?.protocol !== 'https:') return name;
  const link = element('a', name);
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  return link;
}

/** Kinds that were opened or closed by hand stay so. */
const chosen = new Map();
section.addEventListener('click', ({ target }) => {
  const details = target.closest('summary')?.parentElement;
  if (details) chosen.set(details.dataset.kind, !details.open);
});

function kindSection({ kind, title, open, rows, more }) {
  const details = element('details', element('summary', title));
  details.className = 'found';
  details.dataset.kind = kind;
  details.open = chosen.get(kind) ?? open;
  if (rows.length > 0) {
    const cells = rows.map((row) => [nameOf(row), row.region ?? '', row.status ?? '']);
    const made = cells.map((texts) => element('tr', ...texts.map((text) => element('td', text))));
    details.append(element('table', element('tbody', ...made)));
  }
  if (more) {
    const others = element('p', more);
    others.className = 'quiet';
    details.append(others);
  }
  return details;
}

let shown = '';

/** Only where something is new: what a person has in focus is not replaced every second. */
function showFound(found) {
  const now = JSON.stringify(found);
  if (now === shown) return;
  shown = now;
  section.replaceChildren(...(found ? [element('h2', found.title), ...found.kinds.map(kindSection)] : []));
}

async function poll() {
  polls += 1;
  let done = false;
  try {
    const reply = await fetch(card.dataset.progress, { headers: { accept: 'application/json' } });
    if (reply.ok) {
      const progress = await reply.json();
      show(progress);
      showFound(progress.found);
      done = progress.done && !progress.found?.listing;
    } else if (reply.status < 500 && reply.status !== 429) {
      // The page itself says what is wrong with its link or its browser.
      globalThis.location.reload();
      return;
    }
  } catch {
    // Offline, or the server restarts: the next poll finds it again.
  }
  if (!done) setTimeout(() => void poll(), polls < SLOWER_AFTER ? EVERY_MS : SLOW_EVERY_MS);
}

if (card.dataset.done !== 'true') setTimeout(() => void poll(), EVERY_MS);
