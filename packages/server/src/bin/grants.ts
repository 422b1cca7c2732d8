import type { Grant } from '@safelight/contract/grants';

import type { GrantContext } from '../grants/grant-rows.ts';
import { defineCommand, UsageError, type Call } from './command.ts';
import { limitOption } from './limit-option.ts';
import { bytesText, table } from './terminal.ts';
import { list, parse } from './webhooks.ts';

const transaction = { name: 'transaction', purpose: 'The number of the order, as the application named it.' };
const example = 'order-1042';

/** Commands act for the application, as `media:manage` does. */
async function withGrants<Result>(call: Pick<Call, 'env' | 'cwd' | 'signal'>, work: (ctx: GrantContext) => Promise<Result>): Promise<Result> {
  const { withData } = await import('./with-data.ts');
  return await withData(call, work);
}

/** Loaded on demand. */
const schemas = async () => await import('@safelight/contract/grants');
const changes = async () => await import('../grants/change-grant.ts');
const lists = async () => await import('../grants/list-grants.ts');

async function transactionOf(call: Pick<Call, 'arguments'>): Promise<string> {
  const { transactionSchema } = await schemas();
  return parse(transactionSchema, call.arguments[0]);
}

const stateOf = ({ revokedAt, expiresAt }: Pick<Grant, 'revokedAt' | 'expiresAt'>, now = new Date()): string =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && new Date(expiresAt) <= now ? 'expired' : 'live';

function described(grant: Grant): string {
  const files = grant.files.map(({ mediaId, fileName, byteSize, downloads, maxDownloads, lastDownloadAt }) => [
    mediaId,
    fileName,
    bytesText(byteSize),
    `${downloads} of ${maxDownloads ?? 'any number'}`,
    lastDownloadAt ?? '',
  ]);
  const about = `${grant.transaction} of ${grant.buyerId ?? 'whoever has its URL'}: ${stateOf(grant)}${grant.expiresAt === null ? '' : `, until ${grant.expiresAt}`}`;
  return `${about}\n${grant.accessURL}\n\n${table(['media', 'file', 'size', 'downloads', 'last'], files)}`;
}

export const grantsList = defineCommand({
  name: 'grants list',
  aliases: ['grants'],
  summary: 'List grants, the newest first.',
  options: {
    buyer: { type: 'string', value: 'id', purpose: 'Only grants of this buyer.' },
    media: { type: 'string', value: 'id', purpose: 'Only grants with this media.' },
    limit: limitOption,
    cursor: { type: 'string', value: 'cursor', purpose: 'Continue after the last page.' },
  },
  examples: [{ args: 'grants --buyer ada', purpose: 'All grants of one buyer.' }],
  async run(call) {
    const { buyer, media, limit, cursor } = call.options;
    const query = parse((await schemas()).grantListQuerySchema, { buyerId: buyer, mediaId: media, limit, cursor });
    const { listGrants } = await lists();
    const page = await withGrants(call, async (ctx) => await listGrants(ctx, query));
    if (page.grants.length === 0) return { data: page, text: 'There are no such grants.' };
    const rows = page.grants.map((grant) => [
      grant.transaction,
      grant.buyerId ?? '',
      stateOf(grant),
      String(grant.files.length),
      String(grant.files.reduce((sum, { downloads }) => sum + downloads, 0)),
      grant.createdAt,
    ]);
    const more = page.nextCursor === null ? '' : `\nMore: --cursor ${page.nextCursor}`;
    return { data: page, text: table(['transaction', 'buyer', 'state', 'files', 'downloads', 'made'], rows) + more };
  },
});

export const grantsShow = defineCommand({
  name: 'grants show',
  summary: 'Show one grant: its files, their downloads, and the URL for the receipt.',
  details: 'Anybody with the URL can download the files, so do not put it where others can read it.',
  arguments: [transaction],
  examples: [{ args: `grants show ${example}`, purpose: 'When a buyer asks.' }],
  async run(call) {
    const named = await transactionOf(call);
    const { readGrant } = await lists();
    const grant = await withGrants(call, async (ctx) => await readGrant(ctx, { transaction: named }));
    return { data: { grant }, text: described(grant) };
  },
});

export const grantsCreate = defineCommand({
  name: 'grants create',
  summary: 'Grant files to a buyer. Repeating the call returns the same grant.',
  arguments: [transaction],
  options: {
    media: { type: 'string', value: 'ids', purpose: 'The files, separated by commas.' },
    buyer: { type: 'string', value: 'id', purpose: 'The buyer, as the subject of their tokens; without one, anybody with the URL can download.' },
    expires: { type: 'string', value: 'time', purpose: 'When it expires, like 2027-01-31T00:00:00Z; never by default.' },
    'max-downloads': { type: 'string', value: 'number', purpose: 'Downloads allowed for each file; unlimited by default.' },
  },
  examples: [{ args: `grants create ${example} --media 01993a3e-…,01993a40-… --buyer ada --max-downloads 5`, purpose: 'For an order from outside the shop.' }],
  async run(call) {
    const { media, buyer, expires, 'max-downloads': most } = call.options;
    const assetIds = list(media);
    if (assetIds === undefined) throw new UsageError('Say which files with --media, as --media 01993a3e-…');
    const maxDownloads = most === undefined ? undefined : Number(most);
    const body = parse((await schemas()).grantCreateSchema, { transaction: call.arguments[0], assetIds, buyerId: buyer, expiresAt: expires, maxDownloads });
    const { createGrant } = await import('../grants/create-grant.ts');
    const { grant } = await withGrants(call, async (ctx) => await createGrant(ctx, body));
    return { data: { grant }, text: described(grant) };
  },
});

export const grantsRevoke = defineCommand({
  name: 'grants revoke',
  summary: 'Revoke a grant, from the next request on; --media revokes only some files.',
  arguments: [transaction],
  options: { media: { type: 'string', value: 'ids', purpose: 'Only these files, separated by commas: a partial refund.' } },
  examples: [{ args: `grants revoke ${example} --media 01993a3e-…`, purpose: 'One of two files was refunded.' }],
  async run(call) {
    const named = await transactionOf(call);
    const removeAssetIds = list(call.options.media);
    const { changeGrant, revokeGrant } = await changes();
    const patch = removeAssetIds === undefined ? null : parse((await schemas()).grantPatchSchema, { removeAssetIds });
    const grant = await withGrants(call, async (ctx) =>
      patch === null ? await revokeGrant(ctx, { transaction: named }) : await changeGrant(ctx, { transaction: named, patch }),
    );
    return { data: { grant }, text: described(grant) };
  },
});

export const grantsRestore = defineCommand({
  name: 'grants restore',
  summary: 'Undo a revocation; --reset also gives all downloads back.',
  arguments: [transaction],
  options: { reset: { type: 'boolean', purpose: 'Start counting downloads from zero.' } },
  examples: [{ args: `grants restore ${example} --reset`, purpose: 'If a buyer has no downloads left.' }],
  async run(call) {
    const named = await transactionOf(call);
    const { changeGrant, restoreGrant } = await changes();
    const grant = await withGrants(call, async (ctx) => {
      const restored = await restoreGrant(ctx, { transaction: named });
      return call.options.reset === true ? await changeGrant(ctx, { transaction: named, patch: { resetDownloads: true } }) : restored;
    });
    return { data: { grant }, text: described(grant) };
  },
});

export const grantsToken = defineCommand({
  name: 'grants token',
  summary: 'Create new URLs if a receipt got into the wrong hands; the old ones stop working at once.',
  arguments: [transaction],
  examples: [{ args: `grants token ${example}`, purpose: 'Then send the buyer the new URL.' }],
  async run(call) {
    const named = await transactionOf(call);
    const { renewAccessToken } = await changes();
    const grant = await withGrants(call, async (ctx) => await renewAccessToken(ctx, { transaction: named }));
    return { data: { grant }, text: grant.accessURL };
  },
});

export const grantsDownloads = defineCommand({
  name: 'grants downloads',
  summary: 'List the downloads of a grant, the newest first.',
  arguments: [transaction],
  options: {
    limit: limitOption,
    cursor: { type: 'string', value: 'cursor', purpose: 'Continue after the last page.' },
  },
  examples: [{ args: `grants downloads ${example} --json`, purpose: 'For a script.' }],
  async run(call) {
    const named = await transactionOf(call);
    const { limit, cursor } = call.options;
    const query = parse((await schemas()).downloadListQuerySchema, { limit, cursor });
    const { listDownloads } = await lists();
    const page = await withGrants(call, async (ctx) => await listDownloads(ctx, { ...query, transaction: named }));
    if (page.downloads.length === 0) return { data: page, text: 'Nothing was downloaded.' };
    const rows = page.downloads.map(({ mediaId, startedAt, lastAt, bytes, requests, state }) => [
      mediaId,
      startedAt,
      lastAt,
      bytesText(bytes),
      String(requests),
      state.replace('_', ' '),
    ]);
    const more = page.nextCursor === null ? '' : `\nMore: --cursor ${page.nextCursor}`;
    return { data: page, text: table(['media', 'began', 'last', 'sent', 'requests', 'state'], rows) + more };
  },
});
