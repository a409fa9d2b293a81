// Copies, refreshes and keys. Every page works without it.
document.documentElement.classList.add('js');

// Times in the person's zone.
for (const time of document.querySelectorAll('time[datetime]')) {
  const at = new Date(time.dateTime);
  if (!isNaN(at)) time.title = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

document.addEventListener('click', event => {
  const button = event.target.closest('[data-copy]');
  const source = button && button.parentElement.querySelector('pre, code');
  if (!source || !navigator.clipboard) return;
  navigator.clipboard.writeText(source.textContent).then(() => {
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
});

// A page that is followed loads itself again, but not while somebody writes, has opened or selected something in it.
const isTyping = element => element && element.matches('input, select, textarea');
const isInUse = () => document.hidden || isTyping(document.activeElement) || document.querySelector('dialog[open]')
  || document.querySelector('main details.action[open], main input[type=checkbox]:checked')
  || String(document.getSelection()).length > 0;
const refresh = () => {
  sessionStorage.setItem('scroll', JSON.stringify([location.href, scrollY]));
  location.reload();
};
const live = document.querySelector('[data-live]');
if (live) setInterval(() => { if (!isInUse()) refresh(); }, 1000 * Number(live.dataset.live));
const [href, offset] = JSON.parse(sessionStorage.getItem('scroll') || '[]');
if (href === location.href) scrollTo(0, offset);
sessionStorage.removeItem('scroll');

// Keys.
const rows = [...document.querySelectorAll('[data-row] a')].filter((link, at, all) =>
  at === 0 || link.closest('[data-row]') !== all[at - 1].closest('[data-row]'));
const move = by => {
  if (rows.length === 0) return;
  const row = document.activeElement.closest && document.activeElement.closest('[data-row]');
  const at = rows.findIndex(link => row && link.closest('[data-row]') === row);
  rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))].focus();
};
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const search = document.querySelector('[data-search], .filter input, .filter select');
  switch (event.key) {
    case 'j': move(1); break;
    case 'k': move(-1); break;
    case 'r': refresh(); break;
    case '/': if (search) search.focus(); break;
    case '?': document.getElementById('keys').showModal(); break;
    default: return;
  }
  event.preventDefault();
});
