import { buffer } from 'node:stream/consumers';

import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

import type { ProcessingSite } from './processing-context.ts';
import { patchMedia } from '../collections/patch-media.ts';
import { testDatabase } from '../../test/support/database.ts';
import { jobInState } from '../../test/support/jobs.ts';
import { makeEpub, makePdf, makeZip } from '../../test/support/documents.ts';
import { openPhotoSite } from '../../test/support/photo-site.ts';
import { photoLike, quadrants, quadrantColours, quadrantsOf, largestDifference } from '../../test/support/pictures.ts';
import { hideMedia } from '../assets/hide-media.ts';
import { lockMedia } from '../places/lock-media.ts';
import { purgeMedia } from '../collections/purge-media.ts';
import { transact } from '../lib/transact.ts';
import { reprocessMedia } from './reprocess-media.ts';
import { countReprocessable, reprocessCollection } from './reprocess-collection.ts';

const database = await testDatabase({ max: 12 });
const { db } = database;

async function photo(seed: number): Promise<Buffer> {
  const picture = await photoLike(120, 90);
  return await sharp(picture.data, { raw: picture })
    .modulate({ hue: seed * 30 })
    .jpeg()
    .toBuffer();
}

const twoRoles = { outputs: [{ role: 'preview' }, { role: 'thumbnail', maxSide: 30 }] };

async function site(rules: Parameters<typeof openPhotoSite>[1] = twoRoles, photos = 2) {
  const opened = await openPhotoSite(database, rules);
  await opened.startWorker();
  const ids: string[] = [];
  for (let seed = 0; seed < photos; seed++) ids.push(await opened.add(await photo(seed)));
  const run = async (more: Partial<Parameters<typeof reprocessCollection>[1]> = {}) =>
    await reprocessCollection(opened.ctx, { collection: opened.name, renewal: 'outdated', ...more });
  return { ...opened, ids, run, first: ids[0] ?? '' };
}

describe('a collection whose rules have changed', () => {
  test('has its variants replaced, added and removed, and the old objects are gone', async () => {
    const { ids, run, setRules, artifactsOf, assetOf, disagreements } = await site();
    const before = await Promise.all(ids.map(artifactsOf));
    const versions = await Promise.all(ids.map(async (id) => (await assetOf(id)).version));
    setRules({
      outputs: [
        { role: 'preview', quality: 40 },
        { role: 'card', maxSide: 40 },
      ],
      thumbHash: true,
    });
    const told: number[] = [];
    const done = await run({ onProgress: ({ done }) => told.push(done) });
    expect(done).toMatchObject({ media: 2, outdated: 2, renewed: 2, unchanged: 0, failed: 0, failures: [], next: null });
    expect(told.at(-1)).toBe(2);
    for (const [i, id] of ids.entries()) {
      const after = await artifactsOf(id);
      expect(after.map(({ role, width }) => [role, width])).toEqual([
        ['card', 40],
        ['preview', 60],
      ]);
      const old = new Set(before[i]?.map(({ token }) => token));
      expect(after.filter(({ token }) => old.has(token))).toEqual([]);
      const asset = await assetOf(id);
      expect(asset).toMatchObject({ status: 'ready', version: (versions[i] ?? 0) + 1 });
      expect(asset.thumb_hash).toMatch(/^[A-Za-z0-9+/=]{20,}$/);
    }
    await expect.poll(disagreements).toEqual([]);
  });

  test('keeps the objects, and with them the URLs, of unchanged outputs', async () => {
    const { first, run, setRules, artifactsOf } = await site(twoRoles, 1);
    const before = await artifactsOf(first);
    setRules({
      outputs: [
        { role: 'preview', quality: 40 },
        { role: 'thumbnail', maxSide: 30 },
      ],
    });
    expect(await run()).toMatchObject({ renewed: 1 });
    const after = await artifactsOf(first);
    const same = (role: string) => [before, after].map((rows) => rows.find((row) => row.role === role)?.token);
    expect(same('thumbnail')[0]).toBe(same('thumbnail')[1]);
    expect(same('preview')[0]).not.toBe(same('preview')[1]);
  });

  test('shows the old variants until all the new ones are ready', async () => {
    const { ctx, ids, run, setRules, artifactsOf } = await site(twoRoles, 3);
    setRules({
      outputs: [
        { role: 'preview', quality: 30 },
        { role: 'thumbnail', maxSide: 30, quality: 30 },
      ],
    });
    const working = { is: true };
    const seen = new Set<string>();
    const watcher = (async () => {
      while (working.is) {
        for (const id of ids) {
          const rows = await artifactsOf(id);
          const states = rows.map(({ bytes }) => bytes);
          seen.add(`${id} ${states.join()}`);
          expect(rows.map(({ role }) => role)).toEqual(['preview', 'thumbnail']);
          // Like a viewer that was given the URL a moment before: found by its row or not at all, never without bytes.
          for (const { id: objectId } of rows) {
            const row = await db.selectFrom('object').selectAll().where('id', '=', objectId).where('state', '=', 'stored').executeTakeFirst();
            if (row === undefined) continue;
            const object = await ctx.site.stores.active('final').get(row.key);
            const still = await db.selectFrom('object').select('id').where('id', '=', objectId).where('state', '=', 'stored').executeTakeFirst();
            if (still !== undefined) expect(object === null ? null : (await buffer(object.body)).length).toBe(row.bytes);
            else object?.body.destroy();
          }
        }
      }
    })();
    const done = await run().finally(() => (working.is = false));
    await watcher;
    expect(done).toMatchObject({ renewed: 3 });
    // Before and after, and nothing in between.
    expect(seen.size).toBeLessThanOrEqual(6);
  });

  test('is skipped if nothing has changed, and nothing is written', async () => {
    const { ids, run, ctx, name, artifactsOf, assetOf } = await site();
    const before = await Promise.all(ids.map(async (id) => [await assetOf(id), await artifactsOf(id)]));
    expect(await countReprocessable(ctx, { collection: name, renewal: 'outdated' })).toEqual({ media: 2, outdated: 0, withoutSource: 0 });
    expect(await run()).toMatchObject({ media: 2, outdated: 0, renewed: 0, unchanged: 0 });
    expect(await run({ renewal: 'all' })).toMatchObject({ outdated: 2, renewed: 0, unchanged: 2 });
    expect(await Promise.all(ids.map(async (id) => [await assetOf(id), await artifactsOf(id)]))).toEqual(before);
  });

  test('gets only the missing roles, if that is requested', async () => {
    const { first, run, setRules, artifactsOf, assetOf } = await site(twoRoles, 1);
    const before = await artifactsOf(first);
    setRules({
      outputs: [
        { role: 'preview', quality: 30 },
        { role: 'thumbnail', maxSide: 30 },
        { role: 'card', maxSide: 40 },
      ],
    });
    expect(await run({ renewal: 'missing' })).toMatchObject({ renewed: 1 });
    const after = await artifactsOf(first);
    expect(after.map(({ role }) => role)).toEqual(['card', 'preview', 'thumbnail']);
    expect(after.filter(({ role }) => role !== 'card')).toEqual(before);
    expect((await assetOf(first)).render_fingerprint, 'what was kept was made by older rules').toBeNull();
    expect(await run({ renewal: 'missing' })).toMatchObject({ outdated: 0 });
    expect(await run()).toMatchObject({ outdated: 1, renewed: 1 });
    expect(await run()).toMatchObject({ outdated: 0 });
  });

  test('starts at the given place, and can be stopped without losing anything', async () => {
    const { ctx, ids, run, setRules, name, disagreements } = await site(twoRoles, 4);
    setRules({ outputs: [{ role: 'preview', quality: 40 }] });
    const [, , third = ''] = ids;
    expect(await countReprocessable(ctx, { collection: name, renewal: 'outdated', from: third })).toMatchObject({ outdated: 2 });
    const stopping = new AbortController();
    const stopped = await reprocessCollection(
      { ...ctx, signal: stopping.signal },
      { collection: name, renewal: 'outdated', perSecond: 4, onProgress: ({ done }) => void (done >= 1 && stopping.abort()) },
    );
    expect(stopped.next === null ? ids.length : ids.indexOf(stopped.next)).toBeGreaterThanOrEqual(1);
    const rest = await run(stopped.next === null ? {} : { from: stopped.next });
    expect(rest).toMatchObject({ failed: 0, next: null });
    expect(await countReprocessable(ctx, { collection: name, renewal: 'outdated' })).toMatchObject({ outdated: 0 });
    await expect.poll(disagreements).toEqual([]);
  });

  test('can be processed by two runs at once without doing anything twice', async () => {
    const { ids, run, setRules, artifactsOf, disagreements } = await site(twoRoles, 3);
    setRules({ outputs: [{ role: 'preview', quality: 40 }] });
    const both = await Promise.all([run(), run()]);
    expect(Math.max(...both.map(({ renewed }) => renewed))).toBe(3);
    for (const id of ids) expect(await artifactsOf(id)).toHaveLength(1);
    await expect.poll(disagreements).toEqual([]);
  });

  test('reports when no worker runs, and is not delayed by assets without a source', async () => {
    const { ctx, name, add, db, setRules, startWorker } = await openPhotoSite(database, twoRoles);
    const worker = await startWorker();
    const [kept, gone] = [await add(await photo(1)), await add(await photo(2))];
    await db.updateTable('asset').set({ source_object_id: null }).where('id', '=', gone).execute();
    await worker.stop({ graceMs: 1000 });
    setRules({ outputs: [{ role: 'preview', quality: 40 }] });
    const stopping = new AbortController();
    const stopped = await reprocessCollection(
      { ...ctx, signal: stopping.signal },
      { collection: name, renewal: 'outdated', patienceMs: 0, onNobodyWorks: () => stopping.abort() },
    );
    expect(stopped).toMatchObject({ media: 2, outdated: 1, withoutSource: 1, next: kept });
  });
});

describe('a photo that changes while it is reprocessed', () => {
  /** Runs `meanwhile` when the first output exists and before it is stored. */
  async function during(meanwhile: (opened: Awaited<ReturnType<typeof site>>) => Promise<unknown>) {
    const opened = await site(twoRoles, 1);
    opened.setRules({
      outputs: [
        { role: 'preview', quality: 40 },
        { role: 'thumbnail', maxSide: 30, quality: 30 },
      ],
    });
    const { run } = opened.ctx.site.decoders;
    let isFirst = true;
    Object.assign(opened.ctx.site.decoders, {
      run: async (job, options) =>
        await run(job, {
          ...options,
          onOutput: async (output) => {
            if (isFirst) {
              isFirst = false;
              await meanwhile(opened);
            }
            await options.onOutput(output);
          },
        }),
    } satisfies Partial<ProcessingSite['decoders']>);
    return { ...opened, done: await opened.run() };
  }

  test('is left alone if it is deleted, and no outputs stay', async () => {
    const { first, done, artifactsOf, disagreements } = await during(
      async ({ ctx, first }) =>
        await transact(db, async (tx) => {
          const row = await lockMedia(tx, first);
          await hideMedia(ctx, tx, row === undefined ? [] : [row], new Date(Date.now() + 60_000));
        }),
    );
    expect(done).toMatchObject({ passed: 1, renewed: 0, failed: 0 });
    expect((await artifactsOf(first)).map(({ role, state }) => [role, state])).toEqual([
      ['preview', 'stored'],
      ['thumbnail', 'stored'],
    ]);
    await expect.poll(disagreements).toEqual([]);
  });

  test('is gone when it is purged, source and all', async () => {
    const { done, artifactsOf, first, disagreements } = await during(async ({ ctx, first }) => {
      await transact(db, async (tx) => {
        const row = await lockMedia(tx, first);
        await hideMedia(ctx, tx, row === undefined ? [] : [row], new Date(Date.now() - 1000));
      });
      await purgeMedia(ctx, { assetId: first });
    });
    expect(done).toMatchObject({ passed: 1, failed: 0 });
    expect(await artifactsOf(first)).toEqual([]);
    await expect.poll(disagreements).toEqual([]);
  });

  test('keeps the result of another run, if it is the same', async () => {
    const { done, artifactsOf, first, disagreements } = await during(async ({ run }) => await run({ renewal: 'all' }));
    expect(done).toMatchObject({ failed: 0 });
    expect((await artifactsOf(first)).map(({ role }) => role)).toEqual(['preview', 'thumbnail']);
    await expect.poll(disagreements).toEqual([]);
  });
});

describe('a focal point', () => {
  const square = { outputs: [{ role: 'square', maxSide: 40, fit: 'cover' as const, aspectRatio: 0.5, format: 'png' as const }, { role: 'preview' }] };
  const [red, green, blue, yellow] = quadrantColours;

  test('that is moved has the cropped outputs remade, and only those', async () => {
    const opened = await openPhotoSite(database, square);
    await opened.startWorker();
    const id = await opened.add(await quadrants().jpeg({ quality: 95 }).toBuffer());
    const read = async (role: string) => {
      const row = (await opened.artifactsOf(id)).find((artifact) => artifact.role === role);
      const object = await opened.store.get(row?.key ?? '');
      return { token: row?.token, bytes: object === null ? Buffer.alloc(0) : await buffer(object.body) };
    };
    const preview = (await read('preview')).token;
    const moveTo = async (focalPoint: { x: number; y: number } | null) => {
      const before = (await read('square')).token;
      await patchMedia(opened.ctx, { id, patch: { focalPoint } });
      await expect.poll(async () => (await read('square')).token, { timeout: 20_000 }).not.toBe(before);
      return await quadrantsOf((await read('square')).bytes);
    };
    expect(largestDifference(await moveTo({ x: 0, y: 0.5 }), [red, red, blue, blue])).toBeLessThan(10);
    expect(largestDifference(await moveTo({ x: 1, y: 0.5 }), [green, green, yellow, yellow])).toBeLessThan(10);
    expect(largestDifference(await moveTo(null), quadrantColours)).toBeLessThan(10);
    expect((await read('preview')).token).toBe(preview);
    await expect.poll(opened.disagreements).toEqual([]);
  });

  test('that is set without a move, or for uncropped outputs, remakes nothing', async () => {
    const { ctx, first, artifactsOf } = await site(twoRoles, 1);
    const before = await artifactsOf(first);
    await patchMedia(ctx, { id: first, patch: { focalPoint: { x: 0.2, y: 0.2 } } });
    const jobs = await db.selectFrom('job').select('id').where('asset_id', '=', first).execute();
    for (const { id } of jobs) await jobInState(db, id, 'complete');
    expect(jobs).toEqual([]);
    expect(await artifactsOf(first)).toEqual(before);
  });
});

describe('a single picture, at a manager’s request', () => {
  test('is remade under the current rules, by one job however often it is requested', async () => {
    const { ctx, first, setRules, artifactsOf } = await site(twoRoles, 1);
    setRules({ outputs: [{ role: 'preview', quality: 40 }] });
    const manager = { ...ctx, site: { ...ctx.site, urls: { areOpen: () => true, artifact: String, signedArtifact: String, signedStream: String } } };
    const begun = await reprocessMedia(manager, { id: first });
    expect(begun.media).toMatchObject({ id: first, status: 'ready' });
    await jobInState(db, begun.jobId, 'complete');
    expect((await artifactsOf(first)).map(({ role }) => role)).toEqual(['preview']);
  });

  test('is refused with a sentence if nothing can be made of it', async () => {
    const { ctx, first } = await site(twoRoles, 1);
    const manager = { ...ctx, site: { ...ctx.site, urls: { areOpen: () => true, artifact: String, signedArtifact: String, signedStream: String } } };
    const asked = async (set: object) => {
      await db.updateTable('asset').set(set).where('id', '=', first).execute();
      return await reprocessMedia(manager, { id: first }).catch((error: unknown) => error);
    };
    expect(await asked({ status: 'failed' })).toMatchObject({ code: 'conflict', message: expect.stringContaining('/retry') as string });
    expect(await asked({ status: 'processing' })).toMatchObject({ code: 'conflict' });
    expect(await asked({ status: 'ready', source_object_id: null })).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('not kept') as string,
    });
    expect(await asked({ deleted_at: new Date(), undo_until: new Date() })).toMatchObject({ code: 'gone' });
  });
});

describe('documents whose rules have changed', () => {
  test('have their covers made anew, and files without one are not even counted', async () => {
    const small = { outputs: [{ role: 'preview', maxSide: 40 }] };
    const { add, artifactsOf, run, setRules, startWorker, disagreements } = await documents(small);
    await startWorker();
    const pdf = await add(await makePdf({}), 'application/pdf');
    const book = await add(makeEpub(await photo(1)), 'application/zip');
    const archive = await add(makeZip({ 'a.txt': 'a' }), 'application/zip');
    const closed = await add(await makePdf({ password: 'x' }), 'application/pdf');
    await add(Buffer.from('kept as it is'), 'application/octet-stream');
    const sizes = async (id: string) => (await artifactsOf(id)).map(({ role, width, height }) => [role, Math.max(width ?? 0, height ?? 0)]);
    expect(await Promise.all([pdf, book, archive, closed].map(sizes))).toEqual([[['preview', 40]], [['preview', 40]], [], []]);

    setRules({ outputs: [{ role: 'preview', maxSide: 30 }] }, { kinds: ['file'] });
    expect(await run()).toMatchObject({ media: 4, outdated: 4, renewed: 2, unchanged: 2, passed: 0, failed: 0 });
    expect(await Promise.all([pdf, book, archive, closed].map(sizes))).toEqual([[['preview', 30]], [['preview', 30]], [], []]);
    expect(await run()).toMatchObject({ media: 4, outdated: 0 });
    await expect.poll(disagreements).toEqual([]);
  });

  test('keep their covers, and the addresses of them, where nothing comes out otherwise', async () => {
    const { add, artifactsOf, assetOf, run, startWorker } = await documents({ outputs: [{ role: 'preview' }] });
    await startWorker();
    const ids = [await add(await makePdf({}), 'application/pdf'), await add(makeEpub(await photo(2)), 'application/zip')];
    const before = await Promise.all(ids.map(async (id) => [await artifactsOf(id), await assetOf(id)]));
    expect(await run({ renewal: 'all' })).toMatchObject({ renewed: 0, unchanged: 2, passed: 0, failed: 0 });
    expect(await Promise.all(ids.map(async (id) => [await artifactsOf(id), await assetOf(id)]))).toEqual(before);
  });

  test('are made anew one by one, and a file of which nothing is made is refused', async () => {
    const { add, ctx, startWorker } = await documents({ outputs: [{ role: 'preview' }] });
    await startWorker();
    const [pdf, other] = [await add(await makePdf({}), 'application/pdf'), await add(Buffer.from('kept as it is'), 'application/octet-stream')];
    const { jobId } = await reprocessMedia(ctx, { id: pdf });
    expect(await jobInState(db, jobId, 'complete')).toMatchObject({ result: { outcome: 'unchanged' } });
    await expect(reprocessMedia(ctx, { id: other })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/nothing is made of/) as string,
    });
  });
});

async function documents(rules: Parameters<typeof openPhotoSite>[1]) {
  const opened = await openPhotoSite(database, rules, { kinds: ['file'] });
  const run = async (more: Partial<Parameters<typeof reprocessCollection>[1]> = {}) =>
    await reprocessCollection(opened.ctx, { collection: opened.name, renewal: 'outdated', ...more });
  return { ...opened, run };
}
