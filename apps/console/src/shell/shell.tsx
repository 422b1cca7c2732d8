import { useEffect, useLayoutEffect, useRef } from 'react';

import { useLive } from '../live/live.ts';
import { useTitle } from '../parts/use-title.ts';
import { hrefOf, parseRoute } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { useSession } from '../session/session.ts';
import { Navigation } from './navigation.tsx';
import { DropAnywhere } from '../upload/drop-anywhere.tsx';
import { PageContent } from './page-content.tsx';
import { fallback, pages } from './pages.tsx';
import { useOtherPages } from './use-other-pages.ts';

/** The frame around every page. */
export function Shell() {
  const { page: path } = useRoute();
  const { online } = useLive();
  const { claims } = useSession();
  const open = pages.filter(({ needs }) => needs === undefined || claims.may(needs));
  const page = open.find((one) => one.path === path) ?? open[0] ?? fallback;
  useOtherPages(open, page);
  useTitle(page.title);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page.path);

  useEffect(() => {
    // Somebody may have gone elsewhere since this was drawn.
    if (page.path !== path && parseRoute(location.hash).page === path) goTo(hrefOf(page.path), 'replace');
  }, [page.path, path]);
  // With the page and not after it: who presses a key at once would be taken back to its beginning.
  useLayoutEffect(() => {
    // The page one starts on is read from the top; of each later one, a screen reader is told where it begins.
    if (shown.current !== page.path) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    shown.current = page.path;
  }, [page.path]);

  return (
    <div className="shell">
      <a
        className="skip-link"
        href="#content"
        onClick={(event) => {
          // The fragment is the route, so the browser's own jump would leave the page.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <DropAnywhere mayUpload={claims.may('media:write')} />
      <Navigation pages={open.filter(({ under }) => under === undefined)} current={page.under ?? page.path} />
      <main id="content" ref={main} tabIndex={-1} aria-label={page.title}>
        {!online && (
          <p className="notice plain" role="status">
            This device is offline. What is on the screen stays; it is brought up to date when the connection is back.
          </p>
        )}
        <PageContent key={page.path} page={page} />
      </main>
    </div>
  );
}
