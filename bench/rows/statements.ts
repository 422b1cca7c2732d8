import { randomBytes } from 'node:crypto';
import path from 'node:path';
import sharp from 'sharp';

import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { startCountingProxy, type Statement } from '../counting-proxy.ts';
import type { BenchOptions, Figure, Result } from '../figures.ts';
import { startProduct, type Product } from '../product.ts';
import { sendTus, tusOf } from '../tus-client.ts';
import { uploadFile, uploadPublic } from '../upload-file.ts';

/** The statements that each protocol sends to Postgres, counted between the two. No worker runs, so that only the request itself is counted. */
export async function statements({ smoke, directory }: BenchOptions): Promise<Result> {
  const postgres = await startTcpPostgres();
  const proxy = await startCountingProxy(postgres.url);
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data'), env: { DATABASE_URL: proxy.url } });
  const figures: Figure[] = [];
  const detail: Record<string, string[]> = {};
  try {
    const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#aa3300' } })
      .png()
      .toBuffer();
    const file = { name: 'bench.bin', type: 'application/octet-stream', bytes: randomBytes(1000) };
    const small = randomBytes(65_536);
    const product1 = { collection: 'product.files', entityType: 'product', entityId: 'bench' };
    const pathname = await uploadPublic(product, file.bytes);
    const firstRequests = await sell(product, await uploadFile(product, product1, file));
    const scenarios: { what: string; goal?: number; transactions?: number; upTo?: RegExp; run(): Promise<unknown> }[] = [
      { what: 'direct upload, queued', goal: 5, transactions: 1, run: () => uploadFile(product, product1, file) },
      {
        what: 'direct upload, answered with the ready record',
        goal: 7,
        run: () =>
          uploadFile(product, { collection: 'artist.images', entityType: 'artist', entityId: 'bench' }, { name: 'dot.png', type: 'image/png', bytes: picture }),
      },
      { what: 'presigned upload: init, PUT and complete', goal: 9, run: () => uploadPresigned(product, product1, file.bytes) },
      { what: 'tus upload of 64 KB: POST and PATCH', goal: 12, run: () => sendTus(tusOf(product), [[small]]) },
      { what: 'first request of a buyer, before its first byte', goal: 2, upTo: /take_downloads/, run: firstRequests },
      { what: 'public GET', goal: 1, run: async () => await (await fetch(new URL(pathname, product.url))).arrayBuffer() },
    ];
    for (const { what, goal, transactions, upTo, run } of scenarios) {
      const { typical, spread } = await countTypical(proxy, run, smoke ? 3 : 10);
      const waitedFor = upTo === undefined ? typical : typical.slice(0, typical.findLastIndex(({ text }) => upTo.test(text)) + 1);
      const own = waitedFor.filter(({ text }) => !isNotification(text));
      figures.push({ what, value: own.filter(({ text }) => !isBoundary(text)).length, unit: 'statements', ...(goal === undefined ? {} : { goal }) });
      figures.push({
        what: '  in how many transactions',
        value: transactionsOf(own),
        unit: 'transactions',
        ...(transactions === undefined ? {} : { goal: transactions }),
      });
      if (own.length < waitedFor.length)
        figures.push({ what: '  notifications after them, shared with what commits within 5 ms', value: waitedFor.length - own.length, unit: 'statements' });
      detail[what] = [...typical.map(({ text }) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 160)), ...(spread ? ['(some runs differed)'] : [])];
    }
    return { name: 'statements', title: 'Statements to Postgres for one request, BEGIN and COMMIT not counted', figures, detail };
  } finally {
    await product.stop();
    proxy.close();
    await postgres.close();
  }
}

/** The median of several runs, because some include upkeep. */
async function countTypical(proxy: { taken(): Statement[] }, run: () => Promise<unknown>, times: number): Promise<{ typical: Statement[]; spread: boolean }> {
  await run();
  const runs: Statement[][] = [];
  for (let count = 0; count < times; count++) {
    await settled(proxy);
    await run();
    runs.push(await settled(proxy));
  }
  const sizes = runs.map((one) => one.length).toSorted((a, b) => a - b);
  const typical = runs.find((one) => one.length === sizes[times >> 1]) ?? [];
  return { typical, spread: sizes[0] !== sizes.at(-1) };
}

/** The statements until none came for a while: notifications follow a few milliseconds after the answer. */
async function settled(proxy: { taken(): Statement[] }): Promise<Statement[]> {
  const all: Statement[] = [];
  for (let quiet = 0; quiet < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    const taken = proxy.taken();
    quiet = taken.length === 0 ? quiet + 1 : 0;
    all.push(...taken);
  }
  return all;
}

const isNotification = (text: string): boolean => text.includes('pg_notify');
const isBoundary = (text: string): boolean => /^(begin|commit|rollback|start transaction)/i.test(text.trim());

/** One for each BEGIN, and one for each statement outside a transaction. */
function transactionsOf(list: readonly Statement[]): number {
  const open = new Set<number>();
  let transactions = 0;
  for (const { connection, text } of list) {
    if (/^(begin|start transaction)/i.test(text)) {
      open.add(connection);
      transactions += 1;
    } else if (/^(commit|rollback)/i.test(text)) open.delete(connection);
    else if (!open.has(connection)) transactions += 1;
  }
  return transactions;
}

async function uploadPresigned(product: Product, fields: Record<string, string>, bytes: Buffer): Promise<void> {
  const ask = async (operation: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${product.url}/v1/media/upload/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`upload/${operation} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const { uploadId, uploadURL, method, headers } = await ask('init', {
    ...fields,
    filename: 'bench.bin',
    contentType: 'application/octet-stream',
    byteSize: bytes.length,
  });
  const put = await fetch(String(uploadURL), { method: String(method), headers: headers as Record<string, string>, body: new Uint8Array(bytes) });
  if (!put.ok) throw new Error(`The signed PUT answered ${put.status}: ${await put.text()}`);
  await ask('complete', { uploadId });
}

/** Sells a file; each call of the result downloads it once more, as a new client. */
async function sell(product: Product, { id }: { id: string }): Promise<() => Promise<unknown>> {
  const answer = await fetch(`${product.url}/v1/grants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ transaction: 'order-of-the-bench', assetIds: [id] }),
  });
  const { grant } = (await answer.json()) as { grant: { files: { url: string }[] } };
  let buyers = 0;
  return async () => {
    const download = await fetch(grant.files[0]?.url ?? '', { headers: { 'user-agent': `buyer ${(buyers += 1)}` } });
    if (download.status !== 200) throw new Error(`A buyer was answered ${download.status}: ${await download.text()}`);
    return await download.arrayBuffer();
  };
}
