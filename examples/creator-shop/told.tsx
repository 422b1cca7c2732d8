import { useEffect, useState } from 'react';

import { backEnd } from './back-end.ts';

type Notice = { id: string; at: string; text: string };

/** The webhooks that the shop's back end received, which arrive right after the events of the page. */
export function Told(): React.JSX.Element {
  const [notices, setNotices] = useState<readonly Notice[] | null>(null);
  useEffect(() => {
    // The shop itself may be down for a moment; missed messages are delivered again.
    const read = (): void =>
      void backEnd<{ notices: Notice[] }>('notices').then(
        (answer) => setNotices(answer.notices),
        () => undefined,
      );
    read();
    const timer = setInterval(read, 2000);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <h2>What the shop was told</h2>
      {notices?.length === 0 && <p className="soft">Nothing yet.</p>}
      <ul className="lines" aria-label="Notices">
        {notices?.map(({ id, at, text }) => (
          <li key={id}>
            {text}
            <span className="soft">{new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
