// The screen of the session: connects by itself, again after a break; clipboard both ways, dropped files, end of the session.
import RFB from '/novnc/core/rfb.js';

const AGAIN_MS = 2000;
const screen = document.getElementById('screen');
const state = document.getElementById('state');
const clipboard = document.getElementById('clipboard');
let rfb = null;
let ended = false;

function say(text) {
  state.textContent = text;
  state.hidden = !text;
}

function connect() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  rfb = new RFB(screen, `${scheme}://${location.host}/screen`, {});
  rfb.scaleViewport = true;
  rfb.resizeSession = true;
  rfb.qualityLevel = 6;
  rfb.compressionLevel = 6;
  rfb.showDotCursor = true;
  rfb.addEventListener('connect', () => {
    say('');
    rfb.focus();
  });
  rfb.addEventListener('disconnect', () => {
    if (ended) return;
    say('The screen is not there; connecting again ...');
    setTimeout(connect, AGAIN_MS);
  });
  rfb.addEventListener('clipboard', (event) => {
    clipboard.value = event.detail.text;
    // Browsers allow it on https and localhost, after a click; else the text stays in the menu.
    navigator.clipboard?.writeText(event.detail.text).catch(() => {});
  });
}

clipboard.addEventListener('input', () => rfb?.clipboardPasteFrom(clipboard.value));
window.addEventListener('focus', async () => {
  try {
    const text = await navigator.clipboard.readText();
    if (text && text !== clipboard.value) {
      clipboard.value = text;
      rfb?.clipboardPasteFrom(text);
    }
  } catch {
    // Not allowed: the menu has the clipboard.
  }
});

async function send(files) {
  for (const file of files) {
    say(`Sending ${file.name} ...`);
    let problem;
    try {
      const answer = await fetch(`/drop?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file });
      problem = answer.ok ? '' : await answer.text();
    } catch {
      problem = 'The desktop does not answer.';
    }
    say(problem ? `${file.name}: ${problem}` : '');
    if (problem) setTimeout(() => say(''), 8000);
  }
  rfb?.focus();
}

for (const name of ['dragenter', 'dragover']) {
  screen.addEventListener(name, (event) => event.preventDefault());
}
screen.addEventListener('drop', (event) => {
  event.preventDefault();
  send(event.dataTransfer.files);
});
document.getElementById('file').addEventListener('change', (event) => send(event.target.files));
document.getElementById('full').addEventListener('click', () => document.documentElement.requestFullscreen());
document.getElementById('end').addEventListener('click', async () => {
  if (!confirm('End the session? The window is closed; a download that runs is continued at the next start.')) return;
  ended = true;
  await fetch('/end', { method: 'POST' });
  say('The session has ended.');
});
connect();
