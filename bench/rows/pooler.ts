import path from 'node:path';

import sharp from 'sharp';

import { createLog } from '../../packages/server/src/lib/log.ts';
import { startPgbouncer, whyNoPgbouncer } from '../../packages/server/test/support/pgbouncer.ts';
import { photoLike } from '../../packages/server/test/support/pictures.ts';
import { startProduct, type Product } from '../../packages/server/test/support/product.ts';
import { startRedis, whyNoRedis } from '../../packages/server/test/support/redis.ts';
import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { median, quantile, ratioFigure, type BenchOptions, type Result } from '../figures.ts';
import { followEvents, type Following } from '../follow-events.ts';
import { newDatabase } from '../new-database.ts';
import { uploadFile } from '../upload-file.ts';

type Site = { servers: Product[]; token: string; following: Following; stop(): Promise<void> };

const title = 'Two servers and two workers behind PgBouncer (transaction mode, four sessions) and Redis, against the same without a pooler';

/** From the upload of a photo until it is published, four at once, alternating between two sites that differ in nothing else. */
export async function pooler({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const reason = whyNoPgbouncer() ?? whyNoRedis();
  if (reason !== null) return { name: 'pooler', title, figures: [], missing: [reason] };
  const [postgres, redis] = [await startTcpPostgres(), await startRedis()];
  const bouncer = await startPgbouncer(postgres.url);
  const sites: Site[] = [];
  try {
    const log = createLog({ level: 'silent' });
    const [direct, behind] = [await newDatabase(postgres.url, 'direct', log), await newDatabase(postgres.url, 'behind', log)];
    const pooled = new URL(bouncer.url);
    pooled.pathname = '/behind';
    const open = async (name: string, env: Record<string, string>): Promise<Site> => {
      const site = await openSite(path.join(directory, name), { REDIS_URL: redis.url, ...env });
      sites.push(site);
      return site;
    };
    const [plain, bounced] = [await open('direct', { DATABASE_URL: direct }), await open('behind', { DATABASE_URL: pooled.href, DATABASE_DIRECT_URL: behind })];
    const pixels = await photoLike(1200, 900);
    const photo = await sharp(pixels.data, { raw: pixels }).jpeg({ quality: 90 }).toBuffer();
    const count = smoke ? 4 : 24;
    for (const site of [plain, bounced]) await publish(site, photo, count);
    const times: Record<'plain' | 'bounced', number[][]> = { plain: [], bounced: [] };
    for (let round = 0; round < rounds; round++) {
      const turns = [['plain', plain] as const, ['bounced', bounced] as const];
      for (const [name, site] of round % 2 === 0 ? turns : turns.toReversed()) times[name].push(await publish(site, photo, count));
    }
    const figures = [
      ratioFigure('upload to ready, p50', 'ms', times.bounced.map(median), times.plain.map(median), 1.5),
      ratioFigure(
        'upload to ready, p95',
        'ms',
        times.bounced.map((each) => quantile(each, 0.95)),
        times.plain.map((each) => quantile(each, 0.95)),
      ),
    ];
    return { name: 'pooler', title, figures };
  } finally {
    for (const { stop } of sites) await stop();
    await Promise.all([bouncer.stop(), redis.stop()]);
    await postgres.close();
  }
}

async function openSite(dataDir: string, env: Record<string, string>): Promise<Site> {
  // The first creates the schema and the secrets that all of them share.
  const first = await startProduct('serve', { dataDir, env });
  const others = await Promise.all((['serve', 'worker', 'worker'] as const).map(async (command) => await startProduct(command, { dataDir, env })));
  const servers = [first, ...others.filter(({ url }) => url !== '')];
  const following = await followEvents(first);
  const stop = async (): Promise<void> => {
    following.stop();
    await Promise.all([first, ...others].map(async (product) => await product.stop()));
  };
  return { servers, token: first.token, following, stop };
}

/** Milliseconds of each photo. */
async function publish({ servers, token, following }: Site, photo: Buffer, count: number): Promise<number[]> {
  const times: number[] = [];
  const lane = async (lane: number): Promise<void> => {
    for (let n = lane; n < count; n += 4) {
      const began = performance.now();
      const server = servers[n % servers.length] ?? { url: '' };
      const entity = { collection: 'listing.photos', entityType: 'listing', entityId: `bench-${Math.round(began * 1000)}` };
      const { id } = await uploadFile({ url: server.url, token }, entity, { name: 'photo.jpg', type: 'image/jpeg', bytes: photo });
      await following.told(id, 'media_published');
      times.push(performance.now() - began);
    }
  };
  await Promise.all([0, 1, 2, 3].map(lane));
  return times;
}
