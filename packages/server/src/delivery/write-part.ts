import { z } from 'zod';

import type { Context } from '../lib/context.ts';
import type { MediaPart, MediaURLs } from '../assets/render-media.ts';
import { notFound } from '../lib/errors.ts';
import { findDelivery, type FindDelivery, type DeliverySite } from './find-delivery.ts';

export type PartContext = Context<DeliverySite & { urls: MediaURLs }>;
/** Written anew for each reader: every address in it is one that this reader may use for a limited time. */
export type WrittenPart = { text: string; mimeType: 'application/vnd.apple.mpegurl' | 'text/vtt' };

const part = z.object({ offset: z.number(), length: z.number() });
const hlsLayout = z.object({
  codecs: z.string(),
  frameRate: z.number().nullable(),
  peakBitrate: z.number(),
  averageBitrate: z.number(),
  init: part,
  segments: z.array(part.extend({ seconds: z.number() })),
});
const storyboardLayout = z.object({ intervalMs: z.number(), count: z.number() });
type Rung = { role: string; token: string; width: number | null; height: number | null; layout: z.output<typeof hlsLayout> };

/** Writes the playlist or the cue times of an artifact, for a reader who may read it. Throws `not_found` for everybody else, as the artifact does. */
export async function writePart(ctx: PartContext, input: FindDelivery & { part: MediaPart }): Promise<WrittenPart> {
  const { cache } = await findDelivery(ctx, input);
  const found = await ctx.site.db
    .selectFrom('object')
    .innerJoin('asset', 'asset.id', 'object.asset_id')
    .select(['object.asset_id', 'object.role', 'object.layout', 'asset.duration_ms'])
    .where('object.token', '=', input.token)
    .where('object.state', '=', 'stored')
    .executeTakeFirst();
  if (found === undefined || found.asset_id === null) throw notFound('media');
  // Addresses of restricted media are signed, so that no playlist outlives the right to it by more than their lifetime.
  const addressOf: MediaURLs['artifact'] = (token, name) => {
    // Relative, under the same signature: players resolve it, and so keep the signature.
    if (input.stream !== undefined) return `../${token}${name === undefined ? '' : `/${name}`}`;
    return cache.shared ? ctx.site.urls.artifact(token, name) : ctx.site.urls.signedArtifact(token, name, found.duration_ms);
  };
  if (input.part === 'storyboard.vtt') {
    if (found.role !== 'storyboard') throw notFound('media');
    return { text: storyboardTimes(storyboardLayout.parse(found.layout), addressOf(input.token)), mimeType: 'text/vtt' };
  }
  if (!found.role.startsWith('hls_')) throw notFound('media');
  if (input.part === 'playlist.m3u8') return playlist(mediaPlaylist(hlsLayout.parse(found.layout), addressOf(input.token)));
  return playlist(masterPlaylist(await rungsOf(ctx, found.asset_id), addressOf));
}

const playlist = (text: string): WrittenPart => ({ text, mimeType: 'application/vnd.apple.mpegurl' });

async function rungsOf({ site: { db } }: PartContext, assetId: string): Promise<Rung[]> {
  const rows = await db
    .selectFrom('object')
    .select(['role', 'token', 'width', 'height', 'layout'])
    .where('asset_id', '=', assetId)
    .where('state', '=', 'stored')
    .where('role', 'like', 'hls\\_%')
    .orderBy('width', 'desc')
    .execute();
  return rows.flatMap(({ token, layout, ...row }) => (token === null ? [] : [{ ...row, token, layout: hlsLayout.parse(layout) }]));
}

/** RFC 8216: the sizes, heaviest first, and the one sound track for all of them. */
function masterPlaylist(rungs: readonly Rung[], addressOf: MediaURLs['artifact']): string {
  const sound = rungs.find(({ role }) => role === 'hls_audio');
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  if (sound !== undefined)
    lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="${addressOf(sound.token, 'playlist.m3u8')}"`);
  for (const { role, token, width, height, layout } of rungs) {
    if (role === 'hls_audio') continue;
    const attributes = [
      `BANDWIDTH=${layout.peakBitrate + (sound?.layout.peakBitrate ?? 0)}`,
      `AVERAGE-BANDWIDTH=${layout.averageBitrate + (sound?.layout.averageBitrate ?? 0)}`,
      `CODECS="${[layout.codecs, ...(sound === undefined ? [] : [sound.layout.codecs])].join(',')}"`,
      ...(width === null || height === null ? [] : [`RESOLUTION=${width}x${height}`]),
      ...(layout.frameRate === null ? [] : [`FRAME-RATE=${layout.frameRate.toFixed(3)}`]),
      ...(sound === undefined ? [] : ['AUDIO="sound"']),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, addressOf(token, 'playlist.m3u8'));
  }
  return `${lines.join('\n')}\n`;
}

/** The parts of one file, as byte ranges. */
function mediaPlaylist({ init, segments }: Pick<Rung['layout'], 'init' | 'segments'>, address: string): string {
  const longest = Math.max(...segments.map(({ seconds }) => seconds));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    // No part may be longer than this when rounded to whole seconds.
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longest))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MAP:URI="${address}",BYTERANGE="${init.length}@${init.offset}"`,
    ...segments.flatMap(({ seconds, length, offset }) => [`#EXTINF:${seconds.toFixed(6)},`, `#EXT-X-BYTERANGE:${length}@${offset}`, address]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** WebVTT for players' seek previews: a part of one picture for each time span. */
function storyboardTimes({ intervalMs, count }: z.output<typeof storyboardLayout>, address: string): string {
  const clock = (at: number): string => new Date(at).toISOString().slice(11, 23);
  const cues = Array.from({ length: count }, (_, at) => {
    const place = `${(at % 10) * 160},${Math.floor(at / 10) * 90},160,90`;
    return `${clock(at * intervalMs)} --> ${clock((at + 1) * intervalMs)}\n${address}#xywh=${place}`;
  });
  return `WEBVTT\n\n${cues.join('\n\n')}\n`;
}
