import type { ReactNode } from 'react';

type FigureCardProps = {
  name: string;
  value: string;
  note?: string | undefined;
  href?: string | undefined;
  tone?: 'bad' | 'warn' | undefined;
  children?: ReactNode;
};

/** One number, what it says, and the way to the list behind it. */
export function FigureCard({ name, value, note, href, tone, children }: FigureCardProps) {
  const words = (
    <>
      <span className="figure-name">{name}</span>
      <span className="figure-value">{value}</span>
      {note !== undefined && <span className="fine">{note}</span>}
      {children}
    </>
  );
  return (
    <li className="figure-card" data-tone={tone}>
      {href === undefined ? <div>{words}</div> : <a href={href}>{words}</a>}
    </li>
  );
}
