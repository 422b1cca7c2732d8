import path from 'node:path';

import { listMedia, type MediaListQuery } from '../../packages/server/src/assets/list-media.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { createLog } from '../../packages/server/src/lib/log.ts';
import { ratioFigure, type BenchOptions, type Result } from '../figures.ts';
import { openLibrary, type Library } from '../library.ts';
import { newDatabase } from '../new-database.ts';

const eachRound = 50;
/** A list by a prefix takes a twentieth of a millisecond: fifty of them would be over before a pause of the machine is. */
const leastMs = 100;
/** Rounds that are not counted: until code is compiled, statements are planned and pages are read, the first library pays for the second. */
const warmUp = 4;
const asked: [string, Partial<MediaListQuery>][] = [
  ['a kind', { kind: 'video' }],
  ['a status', { status: 'failed' }],
  ['a prefix', { prefix: 'media/bench/nowhere' }],
  ['a collection', { collection: 'artist.images' }],
];

/** Lists of an owner's library with filters that match nothing, in a large library compared with a small one, alternating. */
export async function lists({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const [few, many] = [1_000, smoke ? 5_000 : 100_000];
  const log = createLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const libraries: Library[] = [];
  const open = async (name: string, assets: number): Promise<Library> => {
    const library = await openLibrary({ connection: await newDatabase(postgres.connectionString, name, log), log, assets, perEntity: 20, waiting: 100 });
    libraries.push(library);
    return library;
  };
  try {
    const [small, large] = [await open('small', few), await open('large', many)];
    const figures = [];
    for (const [what, filter] of [...asked, ['nothing: the first page', {}] as [string, Partial<MediaListQuery>]]) {
      const times = { small: [] as number[], large: [] as number[] };
      for (let round = -warmUp; round < rounds; round += 1) {
        const turns = [
          ['small', small],
          ['large', large],
        ] as const;
        for (const [name, { ctx }] of round % 2 === 0 ? turns : turns.toReversed()) {
          const began = performance.now();
          let lists = 0;
          for (; lists < eachRound || performance.now() - began < leastMs; lists += 1)
            await listMedia({ ...ctx, actor: { id: 'bench', scopes: new Set(['media:read'] as const) } }, { limit: 20, ...filter });
          if (round >= 0) times[name].push((performance.now() - began) / lists);
        }
      }
      figures.push(ratioFigure(`by ${what}, ${many.toLocaleString('en')} against ${few.toLocaleString('en')}`, 'ms', times.large, times.small, 1.3));
    }
    return { name: 'lists', title: 'A list that finds nothing, as the library grows', figures };
  } finally {
    for (const library of libraries) await library.close();
    await postgres.stop();
  }
}
