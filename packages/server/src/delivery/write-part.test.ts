import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testUploads } from '../../test/support/uploads.ts';
import { selectMedia } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { newOpaqueToken } from '../lib/ids.ts';
import { findDelivery, type DeliveryContext } from './find-delivery.ts';
import { mediaURLs } from './media-urls.ts';
import { writePart } from './write-part.ts';

const { ctx: uploads, time } = await testUploads();
const { db } = uploads.site;
const hour = 3_600_000;
const urls = mediaURLs({ baseURL: 'http://x', signing: uploads.site.signing, clock: uploads.site.clock, collections: uploads.site.collections });
const ctx: DeliveryContext & { site: { urls: typeof urls } } = { ...uploads, actor: { id: '', scopes: new Set() }, site: { ...uploads.site, urls } };
const layout = {
  codecs: 'avc1.640028',
  frameRate: 25,
  peakBitrate: 1,
  averageBitrate: 1,
  init: { offset: 0, length: 10 },
  segments: [{ offset: 10, length: 90, seconds: 4 }],
};

/** A video of an hour and a half that was rejected, so that only its owner and a signature open it. */
async function rejectedVideo(): Promise<{ id: string; hls: string; other: string }> {
  const [id, hls, other] = [randomUUIDv7(), newOpaqueToken(), newOpaqueToken()];
  await sql`
    insert into asset (id, collection, owner_id, kind, purpose, status, review, original_file_name, mime_type, byte_size, sort_order, duration_ms)
    values (${id}, 'artist.media', 'ada', 'video', 'clip', 'ready', 'rejected', 'a.mp4', 'video/mp4', 1, 0, ${1.5 * hour})`.execute(db);
  for (const [role, token] of [
    ['hls_720', hls],
    ['stream', other],
  ])
    await sql`
      insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, width, height, layout)
      values (${randomUUIDv7()}, 'filesystem', 'objects', ${token}, 'stored', ${role}, ${id}, ${token}, 100, 'video/mp4', 1280, 720,
        ${JSON.stringify(layout)}::jsonb)`.execute(db);
  return { id, hls, other };
}
const video = await rejectedVideo();
const stream = /\/s\/([^/]+)\//.exec(urls.signedStream(video.id, video.hls, 1.5 * hour))?.[1] ?? '';
const hidden = { code: 'not_found' };

test('a signature in the path opens the playlists and the parts of one video, which name each other by relative addresses', async () => {
  const { text: master } = await writePart(ctx, { token: video.hls, stream, part: 'index.m3u8' });
  expect(master).toContain(`\n../${video.hls}/playlist.m3u8\n`);
  const { text: playlist } = await writePart(ctx, { token: video.hls, stream, part: 'playlist.m3u8' });
  expect(playlist).toContain(`#EXT-X-BYTERANGE:90@10\n../${video.hls}\n`);
  expect(await findDelivery(ctx, { token: video.hls, stream })).toMatchObject({ bytes: 100 });
});

test.each([
  ['owner', /^http:\/\/x\/s\//, /\?signature=/],
  ['unlisted', /^http:\/\/x\/media\/[\w-]+\/index\.m3u8$/, /^http:\/\/x\/media\/[\w-]+$/],
] as const)('the addresses of a published video of visibility %s open without a token, which players do not send', async (visibility, list, file) => {
  const { id, hls } = await rejectedVideo();
  await sql`update asset set review = 'not_required' where id = ${id}`.execute(db);
  const collections = new Map([...ctx.site.collections].map(([name, collection]) => [name, { ...collection, visibility }]));
  const restricted = mediaURLs({ baseURL: 'http://x', signing: ctx.site.signing, clock: ctx.site.clock, collections });
  const row = await selectMedia(db).where('asset.id', '=', id).executeTakeFirstOrThrow();
  const media = renderMedia(row, restricted, 'own');
  expect(media).toMatchObject({ published: true, hlsSrc: expect.stringMatching(list), src: expect.stringMatching(file) });
  const [, signature] = /\/s\/([^/]+)\//.exec(media.hlsSrc ?? '') ?? [];
  expect(await findDelivery({ ...ctx, site: { ...ctx.site, collections } }, { token: hls, stream: signature })).toMatchObject({ bytes: 100 });
});

test('it opens no other file, no other video, and nothing when it is altered or missing', async () => {
  const another = await rejectedVideo();
  const altered = stream.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const later = stream.replace(/\.(.+)\./, (_, until: string) => `.${(Number.parseInt(until, 36) + 1).toString(36)}.`);
  for (const asked of [
    { token: video.other, stream },
    { token: another.hls, stream },
    { token: video.hls, stream: altered },
    { token: video.hls, stream: later },
    { token: video.hls, stream: '' },
    { token: video.hls, signature: stream },
    { token: video.hls },
  ]) {
    await expect(findDelivery(ctx, asked), JSON.stringify(asked)).rejects.toMatchObject(hidden);
    await expect(writePart(ctx, { ...asked, part: 'playlist.m3u8' })).rejects.toMatchObject(hidden);
  }
});

test('it lasts until the video has been played to its end, wherever its playlist was read, and not for long after: then it says that it has expired', async () => {
  const owner = { ...ctx, actor: { id: 'ada', scopes: new Set() } } as typeof ctx;
  const { text } = await writePart(owner, { token: video.hls, part: 'playlist.m3u8' });
  const signature = /\?signature=([^"\s]+)/.exec(text)?.[1] ?? '';
  const began = time.now;
  for (const [hours, isOpen] of [
    [2.5, true],
    [6, false],
  ] as const) {
    time.now = new Date(began.getTime() + hours * hour);
    for (const shown of [{ stream }, { signature }]) {
      const found = await findDelivery(ctx, { token: video.hls, ...shown }).catch((error: unknown) => error);
      expect(found).toMatchObject(isOpen ? { bytes: 100 } : { code: 'gone' });
      if (!isOpen) await expect(writePart(ctx, { token: video.hls, ...shown, part: 'playlist.m3u8' })).rejects.toMatchObject({ code: 'gone' });
    }
  }
  // Only to a reader with a genuine address; and the right to read needs none.
  await expect(findDelivery(ctx, { token: video.other, stream })).rejects.toMatchObject(hidden);
  await expect(findDelivery(ctx, { token: video.hls, stream: `${stream}A` })).rejects.toMatchObject(hidden);
  expect(await findDelivery(owner, { token: video.hls, stream })).toMatchObject({ bytes: 100 });
  time.now = began;
});
