import type { Figure, Result } from './figures.ts';
import { cellsOf } from './table.ts';

type Kept = Result & { at: string; loadBefore: number };
/** `measured` is the figure itself; `ours` is the product's side of a ratio. */
type Shown = [question: string, row: string, figure: string, show: 'measured' | 'ours'];

/** A user's question, and the figure that answers it. */
const shown: readonly Shown[] = [
  ['First start, which creates the database', 'start-up', 'first start, makes its database', 'measured'],
  ['Every later start', 'start-up', 'second start', 'measured'],
  ['Memory of one API process after load', 'memory', 'API process, after load', 'measured'],
  ['The same with the embedded Postgres', 'memory', 'API process, with Postgres, after load', 'measured'],
  ['Phone JPEG of 12 megapixels, from upload to published', 'photo', 'phone JPEG, from upload to published, idle', 'measured'],
  ['Phone HEIC of 12 megapixels, from upload to published', 'photo', 'phone HEIC, from upload to published, idle', 'measured'],
  ['A job starts after it is queued, 99 of 100 within', 'job-start', 'p99', 'measured'],
  ['Direct upload of 1 KB, 8 at once, time for each', 'upload', '1 KB, wall', 'ours'],
  ['Direct upload of 1 MB, 8 at once, time for each', 'upload', '1 MB, wall', 'ours'],
  ['Presigned uploads opened and completed, 8 at once', 'uploads', 'presigned sessions opened and completed, 8 at once', 'measured'],
  ['Download of a public file of 1 KB, 8 at once, time for each', 'download', '1 KB, wall', 'ours'],
  ['Download of a public file of 1 MB, 8 at once, time for each', 'download', '1 MB, wall', 'ours'],
  ['First request of a buyer, 99 of 100 within, at 200 a second', 'shop', 'first request of a file, 99 of 100 within, at 200 a second', 'measured'],
  ['An event reaches 5,000 followers of one process, 99 of 100 within', 'events', 'an event to 5000 who see it, p99', 'measured'],
  ['Memory of that process', 'events', 'API process with all of them', 'measured'],
  ['Webhooks delivered', 'webhooks', '  which is', 'measured'],
  ['Opening the gate for 100,000 photos, until all are shown', 'collections', 'opening the gate for 100,000 photos, until all are shown', 'measured'],
  ['`storage check` of 100,000 files', 'storage-check', 'storage check of 100,050 files against find with their sizes', 'ours'],
];

/** The figures for users, then every missed goal: a page with only good results would mislead. */
export function writeUserFigures(results: readonly Kept[]): string {
  const rows = shown.flatMap(([question, row, name, show]) => {
    const result = results.find((one) => one.name === row);
    if (result === undefined) return [];
    const figure = result.figures.find(({ what }) => what === name);
    if (figure === undefined) throw new Error(`bench/results/${row}.json has no figure "${name}".`);
    return [`| ${question} | ${valueOf(figure, show)} | ${result.at.slice(0, 10)} | ${result.loadBefore.toFixed(1)} |`];
  });
  const missed = results.flatMap(({ title, figures }) =>
    figures.flatMap((figure) => {
      if (figure.goal === undefined || figure.value <= figure.goal) return [];
      const [what = '', measured = '', goal = ''] = cellsOf(figure);
      return [`| ${title.split(/, | \(|: /, 1)[0] ?? title} | ${what.trim()} | ${measured} | ${goal} |`];
    }),
  );
  const [users, goals] = ['| | measured | on | load |\n| --- | ---: | --- | ---: |', '| | | measured | goal |\n| --- | --- | ---: | ---: |'];
  return [users, ...rows, '', '### Goals that are missed', '', goals, ...missed].join('\n');
}

const valueOf = (figure: Figure, show: 'measured' | 'ours'): string =>
  cellsOf(show === 'ours' && figure.product !== undefined ? { what: figure.what, value: figure.product, unit: 'ms' } : figure)[1] ?? '';
