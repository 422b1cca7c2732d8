/** One line of a result: a ratio to the floor or an absolute value, with its goal, if any. */
export type Figure = {
  what: string;
  value: number;
  unit: '×' | 'ms' | 'MB' | 'statements' | 'transactions' | 'pages' | 'a second' | '%';
  /** The upper limit for `value`. */
  goal?: number;
  /** The two sides of a ratio, in the unit `of`: medians of the interleaved rounds. */
  floor?: number;
  product?: number;
  of?: string;
  /** The ratios of the single rounds, which show how far they scatter. */
  rounds?: number[];
};

export type Result = { name: string; title: string; figures: Figure[]; detail?: unknown; /** What could not be measured here, and why. */ missing?: string[] };

/** The parameters of every row: how long it may measure, and where it may write. */
export type BenchOptions = { rounds: number; smoke: boolean; directory: string };

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

export function quantile(numbers: readonly number[], q: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Ratios within a round, because other load affects both sides alike; then their median. */
export function ratioFigure(what: string, of: string, product: readonly number[], floor: readonly number[], goal?: number): Figure {
  const rounds = product.map((value, round) => value / (floor[round] ?? Number.NaN));
  return { what, value: median(rounds), unit: '×', ...(goal === undefined ? {} : { goal }), floor: median(floor), product: median(product), of, rounds };
}
