// The state of the machine, a series that a link asks for, and the end of the session.
const said = document.getElementById('said');

function bytes(number) {
  if (number === null) return 'unknown';
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${number.toFixed(number < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}

function duration(seconds) {
  if (seconds === null) return 'unknown';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

function rows(state) {
  return [
    ['Screen', state.screen ? 'ready' : 'starting ...'],
    ['Disk', `${bytes(state.disk_free)} of ${bytes(state.disk_total)} free`],
    ['Memory', `${bytes(state.memory_free)} of ${bytes(state.memory_total)} free, ${state.processors} processors`],
    // In Slicer the database is one that the person chooses there.
    ...(state.series === undefined ? [] : [['Series at hand', state.series === null ? 'none yet' : state.series.toLocaleString()]]),
    ...(state.shared ? [['Shared store', shared(state)]] : []),
    ['Running', `session ${duration(state.session_seconds)}, machine ${duration(state.up_seconds)}`],
  ];
}

function shared(state) {
  if (state.shared_counting) return `${state.shared} is being counted ...`;
  if (state.shared_series === null) return `${state.shared} cannot be read`;
  return `${state.shared_series.toLocaleString()} series in ${state.shared}`;
}

async function show() {
  const list = document.getElementById('state');
  let state;
  try {
    const answer = await fetch('/state');
    if (answer.status === 401) {
      location.reload();
      return;
    }
    state = await answer.json();
  } catch {
    list.replaceChildren(...row('State', 'The desktop does not answer. Is the tunnel to the machine still open?'));
    return;
  }
  list.replaceChildren(...rows(state).flatMap(([name, text]) => row(name, text)));
  document.getElementById('open').classList.toggle('waiting', !state.screen);
}

function row(name, text) {
  const dt = document.createElement('dt');
  const dd = document.createElement('dd');
  dt.textContent = name;
  dd.textContent = text;
  return [dt, dd];
}

async function post(path, fields = {}) {
  try {
    const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
    if (answer.status === 401) location.reload();
    return answer.ok ? '' : await answer.text();
  } catch {
    return 'The desktop does not answer. Is the tunnel to the machine still open?';
  }
}

const series = new URLSearchParams(location.search).get('series') || '';
if (series) {
  document.getElementById('uid').textContent = series.slice(0, 100);
  document.getElementById('link').hidden = false;
  document.getElementById('open-link').addEventListener('click', async () => {
    said.textContent = await post('/open', { series });
    if (!said.textContent) location.href = '/desktop';
  });
  document.getElementById('no-link').addEventListener('click', () => history.replaceState(null, '', '/') || location.reload());
}
document.getElementById('end').addEventListener('click', async () => {
  if (!confirm('End the session? The window is closed; a download that runs is continued at the next start.')) return;
  said.textContent = (await post('/end')) || 'The session has ended. Start it again on the machine with idc-browser-desktop start.';
});
show();
// Only while somebody looks at this page.
setInterval(() => document.hidden || show(), 10000);
