import { useEffect, useRef, useState, type MouseEvent, type ReactNode } from 'react';

/** The part of the URL after `#/`, which is all the routing that these pages need. */
export function usePath(): string {
  const [path, setPath] = useState(() => location.hash.replace(/^#\//, ''));
  useEffect(() => {
    const read = (): void => setPath(location.hash.replace(/^#\//, ''));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return path;
}

/** A double click is one click: the second would meet what the first has put under the pointer, such as Undo the refund in place of Refund. */
function ignoreSecond(event: MouseEvent): void {
  if (event.detail < 2 || !(event.target instanceof Element) || event.target.closest('button, a') === null) return;
  event.preventDefault();
  event.stopPropagation();
}

type ShellProps = { title: string; pages: Record<string, string>; path: string; narrow?: boolean; children: ReactNode };

/** The frame of an example: its pages, and a link to the console of its Safelight. */
export function Shell({ title, pages, path, narrow = false, children }: ShellProps): React.JSX.Element {
  const [consoleURL, setConsoleURL] = useState('');
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  const name = pages[path];
  useEffect(() => void (document.title = name === undefined ? title : `${name} – ${title}`), [name, title]);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // As after any link: what is read next is the new page.
    main.current?.focus();
  }, [path]);
  useEffect(() => {
    void fetch('/api/about')
      .then(async (answer) => (await answer.json()) as { consoleURL?: string })
      // The page is useful without that link.
      .then(
        (about) => setConsoleURL(about.consoleURL ?? ''),
        () => undefined,
      );
  }, []);
  return (
    <div className={narrow ? 'page narrow' : 'page'} onClickCapture={ignoreSecond}>
      <a
        href="#main"
        className="skip"
        onClick={(event) => {
          // The fragment is used for the routing of this page.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="top">
        <strong>{title}</strong>
        <nav className="row" aria-label="Pages">
          {Object.entries(pages).map(([to, label]) => (
            <a key={to} href={`#/${to}`} aria-current={to === path ? 'page' : undefined}>
              {label}
            </a>
          ))}
          {consoleURL !== '' && (
            <a href={consoleURL} target="_blank" rel="noreferrer">
              Console
            </a>
          )}
        </nav>
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
