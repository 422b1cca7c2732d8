import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { sql } from 'kysely';

import { openDatabase } from '../../packages/server/src/lib/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { createLog } from '../../packages/server/src/lib/log.ts';
import { migrate } from '../../packages/server/src/lib/migrate.ts';
import { findDiscrepancies } from '../../packages/server/src/reconcile/find-discrepancies.ts';
import { openStore } from '../../packages/server/src/storage/open-store.ts';
import { storesOf } from '../../packages/server/src/storage/stores.ts';
import { ratioFigure, type BenchOptions, type Result } from '../figures.ts';

const names = ['card.webp', 'source.jpg', 'thumbnail.webp'];
const [owners, bytesOfFile] = [50, 100];

/** The time of `storage check` for a directory in which every file matches the ledger, compared with `find` that stats each file. */
export async function storageCheck({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const assetsOfOwner = smoke ? 20 : 667;
  const files = owners * assetsOfOwner * names.length;
  const root = path.join(directory, 'objects');
  const log = createLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const { db, pool, close } = openDatabase({ connection: postgres.connectionString, log });
  try {
    await migrate(pool);
    for (let owner = 0; owner < owners; owner += 1)
      await Promise.all(Array.from({ length: assetsOfOwner }, async (_, asset) => await writeAsset(path.join(root, `media/owner${owner}/${asset}`))));
    await sql`insert into object (id, provider, location, key, state, role, bytes)
      select gen_random_uuid(), 'filesystem', 'bench', 'media/owner' || owner || '/' || asset || '/' || name, 'stored',
        'source', ${bytesOfFile}
      from generate_series(0, ${owners - 1}::int) owner, generate_series(0, ${assetsOfOwner - 1}::int) asset,
        unnest(${names}::text[]) name`.execute(db);
    await sql`vacuum analyze object`.execute(db);
    const store = await openStore({ provider: 'filesystem', location: 'bench', root });
    const site = { db, stores: storesOf([store], { staging: 'filesystem:bench', final: 'filesystem:bench' }) };
    const ctx = { log, signal: new AbortController().signal, site };
    const check = async (): Promise<void> => {
      let seen = 0;
      const discrepancies = [];
      for await (const found of findDiscrepancies(ctx, { onProgress: ({ objects }) => (seen = objects) })) discrepancies.push(found);
      if (discrepancies.length > 0 || seen !== files) throw new Error(`${discrepancies.length} discrepancies and ${seen} of ${files} files`);
    };
    const times = { find: [] as number[], check: [] as number[] };
    for (let round = 0; round <= rounds; round += 1) {
      const turns = [
        ['find', async () => findFiles(root)],
        ['check', check],
      ] as const;
      for (const [name, run] of round % 2 === 0 ? turns : turns.toReversed()) {
        const began = performance.now();
        await run();
        if (round > 0) times[name].push(performance.now() - began);
      }
    }
    await store.close();
    const what = `storage check of ${files.toLocaleString('en')} files against find with their sizes`;
    return {
      name: 'storage-check',
      title: 'Whether every object is there, against looking at every file',
      figures: [ratioFigure(what, 'ms', times.check, times.find, 3)],
    };
  } finally {
    await close();
    await postgres.stop();
  }
}

async function writeAsset(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of names) await writeFile(path.join(directory, name), 'x'.repeat(bytesOfFile));
}

function findFiles(root: string): void {
  const { status, stderr } = spawnSync('find', [root, '-type', 'f', '-printf', '%s %p\n'], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`find ended with ${String(status)}: ${stderr}`);
}
