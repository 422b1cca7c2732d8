import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';

import { safelight } from './chaos/support/account.ts';
import { checkOut, oldReleases } from './support/old-release.ts';
import { clientOf } from './support/product-client.ts';
import { startProduct, type Command, type Product } from './support/product.ts';
import { startTcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const old = oldReleases();
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Uploads to one server after the other and reads earlier uploads from any of them, without a pause; records what is wrong. */
function startClient(servers: () => readonly Product[]) {
  const kept = new Map<string, string>();
  const seen = { busy: true, uploads: 0, reads: 0, wrong: [] as string[] };
  const nth = (n: number) => {
    const all = servers();
    const server = all[n % all.length] ?? expect.fail('there is no server');
    return { url: server.url, client: clientOf({ url: server.url, token: all[0]?.token ?? '' }) };
  };
  const upload = async (): Promise<void> => {
    const n = seen.uploads++;
    const collection = n % 2 === 0 ? 'artist.images' : 'listing.photos';
    const bytes = await sharp({ create: { width: 300 + n, height: 200, channels: 3, background: { r: n % 256, g: 80, b: 90 } } })
      .jpeg()
      .toBuffer();
    const entityType = collection.split('.')[0] ?? '';
    const { status, body } = await nth(n).client.upload({ collection, entityType, entityId: `e${n % 5}` }, bytes);
    if (status === 201 || status === 202) kept.set(body.media.id, '');
    else seen.wrong.push(`an upload answered ${status}: ${JSON.stringify(body)}`);
  };
  const read = async (): Promise<void> => {
    const n = seen.reads++;
    const [id, digest] = [...kept][n % kept.size] ?? [];
    if (id === undefined) return;
    const { url, client } = nth(n);
    const { src, status } = await client.media(id);
    if (status === 'failed') seen.wrong.push(`${id} failed`);
    if (status !== 'ready' || src === null) return;
    const answer = await client.ask('GET', `${url}${new URL(src).pathname}`);
    if (answer.status !== 200 || (digest !== '' && digest !== digestOf(answer.bytes))) seen.wrong.push(`${id} answered ${answer.status}`);
    else kept.set(id, digestOf(answer.bytes));
  };
  const goOn = async (work: () => Promise<void>): Promise<void> => {
    while (seen.busy) {
      await work().catch((cause: unknown) => seen.wrong.push(String(cause)));
      await delay(50);
    }
  };
  const running = Promise.all([goOn(upload), goOn(read)]);
  return { kept, seen, stop: async () => ((seen.busy = false), await running) };
}

describe.skipIf(old.length === 0)(`an upgrade beside servers of an older release (${old.length === 0 ? 'no git history here' : 'their own code'})`, () => {
  test.each(old)('from $name: both releases serve at once, and nothing is refused or lost', { timeout: 300_000 }, async ({ commit, startsAgain }) => {
    const [before, dataDir, postgres] = [await temporaryDirectory(), await temporaryDirectory(), await startTcpPostgres()];
    onTestFinished(postgres.close);
    await checkOut(commit, before);
    const secrets = { SAFELIGHT_JWT_SECRET: 'a-secret-that-both-releases-share-in-this-test', SAFELIGHT_SIGNING_KEYS: `k:${'k'.repeat(40)}` };
    const env = { DATABASE_URL: postgres.url, ...secrets };
    const start = async (command: Command, repository?: string): Promise<Product> => {
      const product = await startProduct(command, { dataDir, env, ...(repository === undefined ? {} : { repository }) });
      onTestFinished(async () => void (await product.stop('SIGKILL')));
      return product;
    };
    let servers = [await start('serve', before)];
    const oldWorker = await start('worker', before);
    const client = startClient(() => servers);
    onTestFinished(async () => void (await client.stop()));
    const goesOn = async (): Promise<void> => {
      const [uploads, reads] = [client.seen.uploads + 6, client.seen.reads + 12];
      await expect.poll(() => client.seen.uploads >= uploads && client.seen.reads >= reads, { timeout: 60_000 }).toBe(true);
      expect(client.seen.wrong).toEqual([]);
    };
    await goesOn();

    // Expand: the schema of this release, while only servers of the old release run.
    const migrated = await safelight(['migrate'], { dataDir, env });
    expect(migrated, migrated.output).toMatchObject({ code: 0 });
    await goesOn();
    // Both at once, workers first; if possible, the old server is started again, as after a crash.
    const [oldServer] = servers;
    await start('worker');
    await goesOn();
    const newServer = await start('serve');
    // As a proxy does before a server stops: nothing is sent to it any more, and what was sent is answered.
    const withdraw = async (): Promise<void> => {
      servers = [newServer];
      await goesOn();
    };
    servers = [...servers, newServer];
    await goesOn();
    await withdraw();
    await oldServer?.stop();
    if (startsAgain) {
      const again = await start('serve', before);
      servers = [newServer, again];
      await goesOn();
      await withdraw();
      await again.stop();
    }
    // The last old server stops, and the work that it had begun is finished.
    await oldWorker.stop();
    await goesOn();
    await client.stop();
    expect(client.seen.wrong).toEqual([]);

    const last = clientOf(newServer);
    for (const [id, digest] of client.kept) {
      const { status, src } = await last.settled(id);
      const bytes = status === 'ready' ? (await last.ask('GET', src ?? '')).bytes : Buffer.alloc(0);
      expect({ id, status, same: digest === '' || digest === digestOf(bytes) }).toEqual({ id, status: 'ready', same: true });
    }
    await expect.poll(async () => (await last.ask('POST', '/admin/discrepancies', {})).body.discrepancies, { timeout: 60_000 }).toEqual([]);
    process.stdout.write(`upgraded from ${path.basename(commit).slice(0, 8)} beside ${client.seen.uploads} uploads and ${client.seen.reads} reads\n`);
  });
});
