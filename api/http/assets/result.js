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

function showFound({ listing, resources, kinds, shown }) {
  const count = `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  const parts = [element('h2', listing ? `Looking what is there: ${count} so far` : `${count} found`)];
  if (kinds.length > 0) {
    const texts = kinds.map((of) => `${of.kind}: ${of.resources}${of.incomplete ? ' (not all could be listed)' : ''}`);
    parts.push(element('ul', ...texts.map((text) => element('li', text))));
    parts[1].className = 'kinds';
  }
  if (shown.length > 0) {
    const rows = shown.map(({ name, kind, region, status }) =>
      element('tr', ...[name, kind, region, status].map((text) => element('td', text ?? ''))),
    );
    parts.push(element('table', element('tbody', ...rows)));
  }
  if (resources > shown.length) {
    const more = element('p', `And ${resources - shown.length} more.`);
    more.className = 'quiet';
    parts.push(more);
  }
  section.replaceChildren(...parts);
}

async function poll() {
  polls += 1;
  let done = false;
  try {
    const reply = await fetch(card.dataset.progress, { headers: { accept: 'application/json' } });
    if (reply.ok) {
      const progress = await reply.json();
      show(progress);
      if (progress.found) showFound(progress.found);
      else section.replaceChildren();
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
