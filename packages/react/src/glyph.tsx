'use client';
/** A small icon of one path in the colour of the text. */
export const Glyph = ({ d }: { d: string }): React.JSX.Element => (
  <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
    <path fill="currentColor" d={d} />
  </svg>
);
