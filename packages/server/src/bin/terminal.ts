import { once } from 'node:events';
import { stripVTControlCharacters, styleText, type InspectColor } from 'node:util';

import { createProgressBar, type ProgressBar } from './progress-bar.ts';

/** A command's output: its result goes to standard output, messages about its work to standard error. */
export type Terminal = {
  json: boolean;
  /** Waits for a slow reader, so that a long result is never held in memory. */
  write(text: string): Promise<void>;
  note(line: string): void;
  /** Colours only on a terminal, and not with `NO_COLOR`. */
  paint(style: InspectColor | InspectColor[], text: string): string;
  /** A bar on a terminal; nothing elsewhere or with `--json`. */
  progress(label: string): ProgressBar;
};

export function createTerminal({ json }: { json: boolean }): Terminal {
  const { stdout, stderr } = process;
  return {
    json,
    async write(text) {
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    note: (line) => void stderr.write(`${line}\n`),
    // styleText respects NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    paint: (style, text) => (json ? text : styleText(style, text, { stream: stdout })),
    progress: (label) => createProgressBar({ label, stream: stderr, enabled: !json && stderr.isTTY }),
  };
}

/** Columns as wide as their widest cell; colour codes do not count. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => stripVTControlCharacters(row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stripVTControlCharacters(cell).length))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** "1 object", "2 objects". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** "1.4 MB", for people. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
