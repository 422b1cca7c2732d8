import { useState } from 'react';

import { Icon } from '../parts/icon.tsx';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const icons = { system: 'system', light: 'sun', dark: 'moon' } as const;

/** Goes round: as the system is, light, dark. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(() => themes.find((one) => one === document.documentElement.dataset['theme']) ?? 'system');
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const change = (): void => {
    setTheme(next);
    applyTheme(next);
  };
  const label = `Theme: ${theme}. Change to ${next}`;
  return (
    <button className="icon-button" type="button" onClick={change} aria-label={label} title={label}>
      <Icon name={icons[theme]} />
    </button>
  );
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem('safelight-theme', theme);
  } catch {
    // Where storage is forbidden, the choice lasts as long as the page.
  }
}
