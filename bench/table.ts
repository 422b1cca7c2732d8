import type { Figure, Result } from './figures.ts';

const number = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** Name, value, goal, whether it is met, and the two sides of a ratio. */
export const cellsOf = ({ what, value, unit, goal, floor, product, of }: Figure): string[] => [
  what,
  `${number(value)} ${unit}`,
  goal === undefined ? '' : `≤ ${Number(goal.toPrecision(4))}`,
  goal === undefined ? '' : value <= goal ? 'met' : 'missed',
  floor === undefined ? '' : `${number(product)} / ${number(floor)} ${of ?? ''}`,
];

/** A result as lines of text: name, value, goal, whether it is met, and the two sides of a ratio. */
export function tableOf({ title, figures, missing = [] }: Result): string {
  const rows = figures.map(cellsOf);
  const lines = [['', 'value', 'goal', '', 'product / floor'], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => (column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [title, ...lines.map(line), ...missing.map((one) => `Not measured: ${one}`)].join('\n');
}
