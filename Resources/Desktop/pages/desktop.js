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

// After a restart of the session this browser is not known: the start page asks for the password.
async function logInIfAsked() {
  try {
    if ((await fetch('/state')).status === 401) location.href = '/';
  } catch {
    // No answer at all: the next attempt tells.
  }
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
    logInIfAsked();
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

// Gives the problem, or nothing when it was done.
async function post(path, body) {
  try {
    const answer = await fetch(path, { method: 'POST', body });
    if (answer.status === 401) location.href = '/';
    return answer.ok ? '' : await answer.text();
  } catch {
    return 'The desktop does not answer.';
  }
}

async function send(files) {
  for (const file of files) {
    say(`Sending ${file.name} ...`);
    const problem = await post(`/drop?name=${encodeURIComponent(file.name)}`, file);
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
  const problem = await post('/end');
  ended = !problem;
  say(problem || 'The session has ended.');
});
connect();
