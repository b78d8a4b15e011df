// Sends the password and shows the start page again, which then knows this browser. What the address asks for (?series=...) stays in it.
const form = document.getElementById('login');
const problem = document.getElementById('problem');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  problem.textContent = '';
  try {
    const answer = await fetch('/login', { method: 'POST', body: new FormData(form) });
    if (answer.ok) {
      location.reload();
      return;
    }
    problem.textContent = await answer.text();
  } catch {
    problem.textContent = 'The desktop does not answer. Is the tunnel to the machine still open?';
  }
  document.getElementById('password').select();
});
