// Keeps the result page up to date. Everything is set as text: what a cloud calls an account is never markup.
const card = document.getElementById('progress');
const field = (name) => card.querySelector(`[data-field="${name}"]`);

const EVERY_MS = 1500;
const SLOWER_AFTER = 40;
const SLOW_EVERY_MS = 10_000;
let polls = 0;

function show({ tone, title, sentence, account, problem }) {
  const heading = field('title');
  heading.textContent = title;
  heading.className = `tone ${tone}`;
  document.title = `${title} · Mooring`;
  field('sentence').textContent = sentence;
  field('account').textContent = account ?? '';
  field('remedy').textContent = problem?.remedy ?? '';
  field('code').textContent = problem?.code ?? '';
}

async function poll() {
  polls += 1;
  let done = false;
  try {
    const reply = await fetch(card.dataset.progress, { headers: { accept: 'application/json' } });
    if (reply.ok) {
      const progress = await reply.json();
      show(progress);
      done = progress.done;
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
