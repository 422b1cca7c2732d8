import { createHash } from 'node:crypto';

import type { Media } from '@safelight/contract/media';

import type { MediaRow } from '../assets/media-row.ts';
import { patienceMs } from '../lib/patience.ts';
import { SafelightError } from '../lib/errors.ts';
import { storeName } from '../storage/locator.ts';
import { defineCommand } from './command.ts';
import { bytesText, table, type Terminal } from './terminal.ts';
import type { DataContext } from './with-data.ts';

export const mediaInspect = defineCommand({
  name: 'media inspect',
  summary: 'Test one media piece by piece: its record, its source object, each artifact, its preview URL and its access route.',
  details:
    'Objects are actually read and their checksums compared; URLs are actually requested, at the address that clients use. Each is tested separately, to show which one is broken.\nExits with 1 if something that should work does not.',
  arguments: [{ name: 'id', purpose: 'The id of a media.' }],
  options: {
    quick: { type: 'boolean', purpose: 'Only check that the objects exist, without reading them.' },
    transaction: { type: 'string', value: 'number', purpose: 'Also test the buyer’s URL of this purchase; no download is spent.' },
  },
  examples: [
    { args: 'media inspect 01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11', purpose: 'Everything, with checksums.' },
    { args: 'media inspect 01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11 --quick --json', purpose: 'For a script.' },
    { args: 'media inspect 01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11 --transaction order-1042', purpose: 'If a buyer says that it does not work.' },
  ],
  async run(call) {
    const [id = ''] = call.arguments;
    const { withData } = await import('./with-data.ts');
    return await withData(call, async (ctx) => {
      const { row, media } = await readRecord(ctx, id);
      const objects = await testObjects(ctx, id, call.options.quick === true);
      const { transaction } = call.options;
      const doors = transaction === undefined ? [] : await testBuyersDoor(ctx, { transaction, mediaId: id });
      const routes = [...(await testRoutes(ctx, row, media)), ...doors];
      const isBroken = [...objects, ...routes].some(({ result }) => result === 'failed') || (row.status === 'ready' && objects.length === 0);
      return { exitCode: isBroken ? 1 : 0, data: { media, objects, routes }, text: describe(media, objects, routes, call.terminal) };
    });
  },
});

async function readRecord(ctx: DataContext, id: string): Promise<{ row: MediaRow; media: Media }> {
  const [{ selectMedia }, { renderMedia }, { isUuid }] = await Promise.all([
    import('../assets/media-row.ts'),
    import('../assets/render-media.ts'),
    import('../lib/ids.ts'),
  ]);
  const row = isUuid(id) ? await selectMedia(ctx.site.db).where('asset.id', '=', id).executeTakeFirst() : undefined;
  if (row === undefined) throw new SafelightError('not_found', `There is no media with the id "${id}".`);
  return { row, media: renderMedia(row, ctx.site.urls, 'own') };
}

type Tested = { result: 'ok' | 'failed' | 'skipped'; detail: string };
type TestedObject = Tested & { role: string; isSource: boolean; store: string; key: string; bytes: number | null };

/** Checks every object of the asset by its own locator, and those of an unfinished upload. */
async function testObjects(ctx: DataContext, assetId: string, quick: boolean): Promise<TestedObject[]> {
  const rows = await ctx.site.db
    .selectFrom('object')
    .leftJoin('upload_session', 'upload_session.object_id', 'object.id')
    .leftJoin('asset', 'asset.source_object_id', 'object.id')
    .select([
      'object.id',
      'object.provider',
      'object.location',
      'object.key',
      'object.role',
      'object.state',
      'object.bytes',
      'object.sha256',
      'asset.id as source_of',
    ])
    .where((eb) => eb.or([eb('object.asset_id', '=', assetId), eb('upload_session.asset_id', '=', assetId)]))
    .orderBy('object.role')
    .execute();
  const { locatorOf } = await import('../storage/ledger.ts');
  const tested: TestedObject[] = [];
  for (const row of rows) {
    const about = { role: row.role, isSource: row.source_of === assetId, store: storeName(locatorOf(row)), key: row.key, bytes: row.bytes };
    const outcome: Tested = row.state === 'stored' ? await testObject(ctx, row, quick) : { result: 'skipped', detail: `the ledger says ${row.state}` };
    tested.push({ ...about, ...outcome });
  }
  return tested;
}

async function testObject(
  ctx: DataContext,
  row: { provider: string; location: string; key: string; bytes: number | null; sha256: string | null },
  quick: boolean,
): Promise<Tested> {
  const { locatorOf } = await import('../storage/ledger.ts');
  try {
    const store = ctx.site.stores.of(locatorOf(row));
    const head = await store.head(row.key, { signal: ctx.signal });
    if (head === null) return { result: 'failed', detail: 'there is no such object; "safelight storage repair" says what can be done' };
    if (row.bytes !== null && head.bytes !== row.bytes) return { result: 'failed', detail: `it has ${head.bytes} bytes, and ${row.bytes} were stored` };
    if (quick) return { result: 'ok', detail: 'there, with the right size' };
    const object = await store.get(row.key, { signal: ctx.signal });
    if (object === null) return { result: 'failed', detail: 'it was there and cannot be read' };
    const hash = createHash('sha256');
    for await (const chunk of object.body) hash.update(chunk as Buffer);
    if (row.sha256 === null) return { result: 'ok', detail: 'read to the end; no checksum was kept' };
    return hash.digest('hex') === row.sha256
      ? { result: 'ok', detail: 'read to the end, checksum right' }
      : { result: 'failed', detail: 'its checksum is not the one that was stored: the bytes have changed' };
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return { result: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

type TestedRoute = Tested & { route: string; url: string };

/** Asks the running server for a byte as a viewer would: without a token, and for the access route also as the owner, if we can sign for them. */
async function testRoutes(ctx: DataContext, row: MediaRow, media: Media): Promise<TestedRoute[]> {
  const { baseURLOf } = await import('./with-data.ts');
  const base = baseURLOf(ctx.config);
  const urls = [
    { route: 'preview', url: media.thumbnailSrc ?? media.src },
    { route: 'full', url: media.src },
  ].filter((one): one is { route: string; url: string } => one.url !== null);
  const tested: TestedRoute[] = [];
  for (const { route, url } of urls) tested.push({ route, url: withoutQuery(url), ...(await ask(ctx, url, null, [200])) });
  if (urls.length === 0)
    tested.push({
      route: 'preview',
      url: '',
      result: 'skipped',
      detail: `it is ${row.status}${row.published ? '' : ' and not published'}, so there is no URL to show`,
    });
  const isPublic = row.published && ctx.site.collections.get(row.collection)?.visibility === 'public';
  const view = `${base}/view/${row.id}`;
  tested.push({ route: 'access as anybody', url: view, ...(await ask(ctx, view, null, isPublic ? [200] : [401, 403, 404, 410])) });
  const token = await ownersToken(ctx, row.owner_id);
  const download = `${base}/download/${row.id}`;
  const expected = row.deleted_at === null ? [200] : [404, 410];
  tested.push({
    route: 'access as the owner',
    url: download,
    ...(token === null
      ? { result: 'skipped' as const, detail: 'tokens come from the identity provider' }
      : await ask(ctx, download, token, row.status === 'ready' ? expected : [...expected, 404])),
  });
  return tested;
}

/** Checks the routes of a buyer, with and without their address. HEAD requests only: these spend nothing, and still find lost bytes. */
async function testBuyersDoor(ctx: DataContext, { transaction, mediaId }: { transaction: string; mediaId: string }): Promise<TestedRoute[]> {
  const { readGrant } = await import('../grants/list-grants.ts');
  const grant = await readGrant(ctx, { transaction });
  const file = grant.files.find((one) => one.mediaId === mediaId || one.replacedBy === mediaId);
  if (file === undefined) return [{ route: 'access as the buyer', url: '', result: 'failed', detail: 'this grant does not name the media' }];
  const isOver = grant.revokedAt !== null || (grant.expiresAt !== null && new Date(grant.expiresAt) <= ctx.site.clock.now());
  const url = withoutQuery(file.url);
  return [
    { route: 'access as the buyer', url, ...(await ask(ctx, file.url, null, isOver ? [410] : [200], 'HEAD')) },
    { route: 'access with the order number alone', url, ...(await ask(ctx, url, null, [404], 'HEAD')) },
  ];
}

async function ownersToken({ config }: DataContext, ownerId: string): Promise<string | null> {
  const { secret, jwksUrl } = config.jwt;
  if (secret === null || jwksUrl !== null) return null;
  const { mintToken } = await import('./mint-token.ts');
  return await mintToken({ ...config.jwt, secret }, { sub: ownerId, scope: 'media:read', expires: '1m' });
}

async function ask(ctx: DataContext, url: string, token: string | null, expected: readonly number[], method = 'GET'): Promise<Tested> {
  try {
    // Requests one byte, as a viewer would.
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(patienceMs.inspectAddress)]),
      headers: { range: 'bytes=0-0', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    });
    await response.body?.cancel();
    const { headers } = response;
    const status = response.status === 206 ? 200 : response.status;
    // A redirect to the provider is also a valid delivery.
    const isRight = expected.includes(status) || (status >= 300 && status < 400 && expected.includes(200));
    if (!isRight) return { result: 'failed', detail: `answered ${status}, expected ${expected.join(' or ')}` };
    return {
      result: 'ok',
      detail: status === 200 ? `200 ${headers.get('content-type') ?? ''} ${sizeOf(headers)} bytes` : `${status}, as it should`,
    };
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : error instanceof Error ? error.message : String(error);
    return { result: 'failed', detail: `no answer (${cause}). Is the server running, and PUBLIC_URL its address?` };
  }
}

const sizeOf = (headers: Headers): string => headers.get('content-range')?.split('/')[1] ?? headers.get('content-length') ?? '?';

/** A signature is a temporary key; it must not be shown on a screen or written to a log. */
const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? url;

function describe(media: Media, objects: readonly TestedObject[], routes: readonly TestedRoute[], { paint }: Terminal): string {
  const colours = { ok: 'green', failed: 'red', skipped: 'gray' } as const;
  const mark = (result: Tested['result']): string => paint(colours[result], result);
  const record = [
    [
      'status',
      `${media.status}${media.published ? ', published' : ', not published'}${media.failure === null ? '' : ` (${media.failure.code}: ${media.failure.message})`}`,
    ],
    ['collection', `${media.collection}${media.entity === null ? '' : ` of ${media.entity.type}/${media.entity.id}`}`],
    ['owner', media.ownerId ?? ''],
    ['file', `${media.originalFileName}, ${media.mimeType}, ${bytesText(media.byteSize)}${media.width === null ? '' : `, ${media.width} × ${media.height}`}`],
    ['created', media.createdAt],
    ...(media.deletedAt === null ? [] : [['deleted', `${media.deletedAt}, restorable until ${media.undoUntil}`]]),
  ];
  const rows = objects.map(({ role, isSource, store, key, bytes, result, detail }) => [
    mark(result),
    isSource && role !== 'source' ? `${role} (source)` : role,
    bytes === null ? '' : bytesText(bytes),
    `${store}/${key}`,
    detail,
  ]);
  return [
    table([paint('bold', 'Record'), media.id], record),
    rows.length === 0 ? `${paint('bold', 'Objects')}\nnone` : `${paint('bold', 'Objects')}\n${table(['', 'role', 'size', 'where', ''], rows)}`,
    `${paint('bold', 'Routes')}\n${table(
      ['', 'route', 'url', ''],
      routes.map(({ route, url, result, detail }) => [mark(result), route, url, detail]),
    )}`,
  ].join('\n\n');
}
