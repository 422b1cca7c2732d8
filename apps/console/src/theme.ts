// Loaded in the head before anything is painted, so that a chosen theme does not flash in after the other one.
try {
  const chosen = localStorage.getItem('safelight-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
} catch {
  // Storage may be forbidden; then the system's theme it is.
}
