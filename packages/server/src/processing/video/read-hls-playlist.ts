import type { HlsLayout } from './hls-layout.ts';

const map = /^#EXT-X-MAP:.*BYTERANGE="(\d+)@(\d+)"/;
const length = /^#EXTINF:([\d.]+)/;
const range = /^#EXT-X-BYTERANGE:(\d+)@(\d+)/;

/** Reads the parts of one file from ffmpeg's playlist. */
export function readHlsPlaylist(text: string): Pick<HlsLayout, 'init' | 'segments' | 'peakBitrate' | 'averageBitrate'> {
  let init: HlsLayout['init'] | undefined;
  let seconds = 0;
  const segments: HlsLayout['segments'] = [];
  for (const line of text.split('\n')) {
    const [, mapLength, mapOffset] = map.exec(line) ?? [];
    if (mapLength !== undefined) init = { length: Number(mapLength), offset: Number(mapOffset) };
    seconds = Number(length.exec(line)?.[1] ?? seconds);
    const [, bytes, offset] = range.exec(line) ?? [];
    if (bytes !== undefined) segments.push({ length: Number(bytes), offset: Number(offset), seconds });
  }
  if (init === undefined || segments.length === 0) throw new Error('ffmpeg wrote no playlist of the parts of a stream');
  const all = segments.reduce((sum, part) => ({ bytes: sum.bytes + part.length, seconds: sum.seconds + part.seconds }), { bytes: 0, seconds: 0 });
  return {
    init,
    segments,
    // A part of a few frames says nothing about the network load, so its length counts as at least a second.
    peakBitrate: Math.ceil(Math.max(...segments.map((part) => (part.length * 8) / Math.max(1, part.seconds)))),
    averageBitrate: Math.ceil((all.bytes * 8) / Math.max(0.001, all.seconds)),
  };
}
