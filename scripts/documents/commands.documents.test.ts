import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createClient, type Client } from '@safelight/client';
import { beforeAll, expect, test } from 'vitest';

import { startProduct } from '../../packages/server/test/support/product.ts';
import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { commandReference, commandsOf, root } from './pages.ts';
import type { Block } from './read-blocks.ts';
import { runScript } from './run-script.ts';
import { writeScript } from './write-script.ts';

const all = commandsOf(commandReference);
const commandOf = ({ text }: Block): string => /^safelight (\w+)/m.exec(text)?.[1] ?? '';
const config = path.join(root, 'node_modules/.cache/commands/safelight.config.mjs');
beforeAll(writeConfig);

// Two shells at a time, each with a product of its own, because commands change what others find.
const shells: [string, string[]][] = [
  ['run, set up, sell and tell', ['start', 'serve', 'worker', 'init', 'doctor', 'migrate', 'console', 'token', 'keys', 'grants', 'webhooks']],
  ['look after media and storage', ['media', 'reprocess', 'policy', 'jobs', 'audit', 'storage', 'backup', 'restore', 'database', 'reset']],
];
test.concurrent.each(shells)(
  'the examples of the command line are run beside a product that has what they are about: %s',
  { timeout: 400_000 },
  async (_, words) => {
    const { folder, product, postgres, ids, end } = await begin();
    try {
      const place = await mkdtemp(path.join(folder, 'reader-'));
      const blocks = all
        .filter((block) => words.includes(commandOf(block)))
        .map((block) => ({ ...block, text: block.text.replaceAll(/^safelight .*$/gm, (line) => fillIn(line, ids)) }));
      expect(blocks.length).toBeGreaterThan(15);
      const { code, said } = await runScript(writeScript(blocks, product.url), {
        place,
        dataDir: path.join(folder, 'data'),
        product,
        env: { SAFELIGHT_CONFIG: config, PATH: await withBrowser(place), FLEET: postgres.url, EMPTY: await postgres.createDatabase('moved') },
      });
      expect(code, said).toBe(0);
      if (words.includes('console')) expect(await readFile(path.join(place, 'opened.txt'), 'utf8')).toContain('/console#token=');
    } finally {
      await end();
    }
  },
);

test('every example of the command line is run', () => {
  expect(all.map(commandOf).filter((command) => !shells.some(([, words]) => words.includes(command)))).toEqual([]);
  expect(all.flatMap(({ text }) => text.match(/^safelight /gm) ?? []).length).toBeGreaterThan(70);
});

type Ids = Readonly<Record<string, readonly string[]>>;

/** Replaces ids in an example by existing ones, and its stores and URLs too. */
function fillIn(line: string, ids: Ids): string {
  const [, command = ''] = /^safelight (\w+(?: [a-z]+)?)/.exec(line) ?? [];
  const wanted = [...(ids[command] ?? ids[command.split(' ')[0] ?? ''] ?? [])];
  return line
    .replaceAll(/\b01[0-9a-f]{6}-(?:…|[\w-]{27})/g, () => wanted.shift() ?? expect.fail(`nothing stands for an id in "${line}"`))
    .replaceAll(/\b(?:s3|gcs):(?=old|new|photos)/g, 'filesystem:')
    .replace(/postgres:\S+/, '"$EMPTY"')
    .replace(/^safelight (?:serve|worker)/, 'DATABASE_URL="$FLEET" $&');
}

/** A product, a Postgres next to it, and a receiver of its webhooks. */
async function begin() {
  const receiver = createServer((_, response) => void response.writeHead(204).end()).listen(0, '127.0.0.1');
  const [folder, postgres] = await Promise.all([mkdtemp(path.join(tmpdir(), 'safelight-commands-')), startTcpPostgres(), once(receiver, 'listening')]);
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const product = await startProduct('start', {
    dataDir: path.join(folder, 'data'),
    env: { SAFELIGHT_CONFIG: config, SAFELIGHT_IMPORT_ALLOW_PRIVATE: host },
  });
  const end = async (): Promise<void> => {
    await product.stop();
    await postgres.close();
    receiver.close();
    await rm(folder, { recursive: true, force: true });
  };
  const ids = await fill(createClient({ baseURL: product.url, token: product.token }), `http://${host}/hooks`);
  return { folder, product, postgres, ids, end };
}

/** A photo, its job, a failed job, a purchase of files, and an endpoint with a delivery. */
async function fill(client: Client, hooks: string): Promise<Ids> {
  const photo = new File([await readFile(path.join(root, 'docs/images/console.png'))], 'photo.png', { type: 'image/png' });
  const { media } = await client.upload(photo, { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' }).result;
  const sold = await client.upload(new File(['a song'], 'song.bin'), { collection: 'product.files', entityType: 'product', entityId: '9f3' }).result;
  await client.grants.create({ transaction: 'order-1042', assetIds: [media.id, sold.media.id], buyerId: 'ada', maxDownloads: 5 });
  const webhook = await client.webhooks.create({ url: hooks });
  const told = await client.webhooks.test(webhook.id);
  // Half a photo.
  const half = new File([new Uint8Array(await readFile(path.join(root, 'packages/server/test/fixtures/images/quadrants.heic'))).slice(0, -500)], 'half.heic');
  await client.upload(half, { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' }).result.catch(() => undefined);
  const idOf = (of: { id: string } | undefined): string => of?.id ?? expect.fail('not there');
  const [done] = (await client.jobs.list({ state: 'complete' })).jobs;
  const [failed] = (await client.jobs.list({ state: 'failed' })).jobs;
  return {
    media: [media.id],
    audit: [media.id],
    jobs: [idOf(done)],
    'jobs retry': [idOf(failed)],
    grants: [media.id, sold.media.id],
    webhooks: [webhook.id],
    'webhooks redeliver': [webhook.id, told.id],
  };
}

/** A machine whose browser records the URLs that it was asked to open. */
async function withBrowser(place: string): Promise<string> {
  const bin = path.join(place, 'bin');
  await mkdir(bin);
  for (const name of ['xdg-open', 'open']) {
    await writeFile(path.join(bin, name), `#!/bin/sh\necho "$1" > ${path.join(place, 'opened.txt')}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  return `${bin}:${process.env['PATH'] ?? ''}`;
}

/** The collections of the checkout, with the stores that the examples name. Inside the checkout, where it finds the package. */
async function writeConfig(): Promise<void> {
  const stores = ['old', 'new', 'photos'].map((location) => ({ provider: 'filesystem', location, root: location }));
  await mkdir(path.dirname(config), { recursive: true });
  await writeFile(config, `import own from '../../../safelight.config.ts';\nexport default { ...own, additionalStores: ${JSON.stringify(stores)} };\n`);
}
