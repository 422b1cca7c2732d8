import { useEffect } from 'react';

import type { Page } from './pages.tsx';

/** Once the first page is there and nothing else is to do, the others are fetched: going to them takes no time then, nor a server that answers. */
export function useOtherPages(open: readonly Page[], first: Page): void {
  const paths = open.map(({ path }) => path).join(' ');
  useEffect(() => {
    let isHere = true;
    const load = (): void => {
      if (isHere) for (const page of open) void page.load().catch(() => undefined);
    };
    const whenIdle = (): void => void ('requestIdleCallback' in globalThis ? requestIdleCallback(load, { timeout: 5_000 }) : setTimeout(load, 1_000));
    void first.load().then(whenIdle, () => undefined);
    return () => {
      isHere = false;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once: another list of the same pages is no other work
  }, [paths]);
}
