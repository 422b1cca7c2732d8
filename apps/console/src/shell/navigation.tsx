import { useEffect, useRef } from 'react';

import { ConnectionLamp } from '../live/connection-lamp.tsx';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { useSession } from '../session/session.ts';
import { Brand } from './brand.tsx';
import type { Page } from './pages.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export function Navigation({ pages, current }: { pages: readonly Page[]; current: string }) {
  const { signOut, claims } = useSession();
  const list = useRef<HTMLElement>(null);
  // On a phone the pages are a row that is wider than the screen. `scrollIntoView` would also make the keyboard start there, past the skip link.
  useEffect(() => {
    const row = list.current;
    const link = row?.querySelector<HTMLElement>('[aria-current]');
    if (row && link) row.scrollLeft += link.getBoundingClientRect().left + link.offsetWidth / 2 - (row.getBoundingClientRect().left + row.offsetWidth / 2);
  }, [current]);
  return (
    <header className="side">
      <Brand />
      <nav aria-label="Console" ref={list}>
        <ul>
          {pages.map(({ path, title, icon }) => (
            <li key={path}>
              <a href={hrefOf(path)} aria-current={path === current ? 'page' : undefined}>
                <Icon name={icon} />
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="side-foot">
        <p className="who">
          {claims.id !== null && <strong>{claims.id}</strong>}
          <span className="fine">{claims.rights}</span>
        </p>
        <ConnectionLamp />
        <div className="side-tools">
          <ThemeToggle />
          <button className="icon-button" type="button" onClick={signOut} aria-label="Sign out" title="Sign out">
            <Icon name="leave" />
          </button>
        </div>
      </div>
    </header>
  );
}
