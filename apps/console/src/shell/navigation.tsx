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
  // On a phone the pages are a row that is wider than the screen.
  useEffect(() => list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [current]);
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
