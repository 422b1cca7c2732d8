import { z } from 'zod';

import { SafelightError } from '../../lib/errors.ts';
import { damagedRecording } from './damaged-recording.ts';
import type { EngineRefusal } from './run-engine.ts';

export type Hdr = 'none' | 'hlg' | 'pq' | 'dv';
export type Colour = { primaries: string | null; transfer: string | null; space: string | null; range: string | null };

export type VideoTrack = {
  index: number;
  codec: string;
  profile: string | null;
  level: number | null;
  /** As stored. */
  coded: { width: number; height: number };
  /** As displayed: with square pixels and upright. */
  upright: { width: number; height: number };
  sampleAspect: number;
  pixelFormat: string | null;
  isInterlaced: boolean;
  /** Clockwise, in degrees. */
  rotation: number;
  /** Whether its header, rather than its pixels, turns or mirrors it. */
  isTurned: boolean;
  colour: Colour;
  hdr: Hdr;
};
export type AudioTrack = {
  index: number;
  codec: string;
  profile: string | null;
  channels: number;
  sampleRate: number;
  /** When it is first heard: players skip the encoder's priming samples. */
  start: number | null;
};

/** What the header of a recording declares. Only its packets tell its length and its rates. */
export type Header = {
  video: VideoTrack | null;
  audio: AudioTrack | null;
  /** Stream index of an attached picture. */
  cover: number | null;
  /** Tracks in codecs that this machine does not support. */
  unread: { index: number; type: 'video' | 'audio'; codec: string }[];
  /** How long the header says that the recording is; null if it says nothing, or if the packets showed that it is true. */
  saidSeconds: number | null;
  /** Metadata of the file or its tracks, except those that every file of its kind has. */
  tags: string[];
};

const number = z.string().transform(Number).optional();
const streamSchema = z.object({
  index: z.string().transform(Number),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  profile: z.string().optional(),
  level: number,
  width: number,
  height: number,
  sample_aspect_ratio: z.string().optional(),
  pix_fmt: z.string().optional(),
  field_order: z.string().optional(),
  color_range: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  color_primaries: z.string().optional(),
  channels: number,
  sample_rate: number,
  start_time: number,
  duration: number,
  'disposition:default': number,
  'disposition:attached_pic': number,
  'side_data:side_data_type': z.string().default(''),
  'side_data:rotation': number,
  'side_data:displaymatrix': z.string().optional(),
  'side_data:dv_profile': number,
  'side_data:dv_bl_signal_compatibility_id': number,
});
type Stream = z.output<typeof streamSchema>;

/** The fields to request of the header. Free text of the file is not among them, so that no text in an untrusted file can look like a field. */
export const headerEntries =
  'format=duration:stream=index,codec_type,codec_name,profile,level,width,height,sample_aspect_ratio,pix_fmt,field_order,' +
  'color_range,color_space,color_transfer,color_primaries,channels,sample_rate,start_time,duration:stream_disposition=default,attached_pic:' +
  'stream_side_data=side_data_type,rotation,displaymatrix,dv_profile,dv_bl_signal_compatibility_id';
export const tagEntries = 'format_tags:stream_tags';

/**
 * Takes lines of ffprobe's `compact` format, each the name of a section and its fields, and builds the header from them. A second set of side data
 * has a line of its own, below that of its track.
 */
export function collectHeader(): { add(line: string): void; header(decodes: ReadonlySet<string>): Header } {
  const tracks = new Map<string | undefined, Record<string, string>>();
  let latest: Record<string, string> | null = null;
  let format: Record<string, string> = {};
  return {
    add(line) {
      const [section = ''] = line.split('|', 1);
      if (section === 'side_data' && latest !== null) addFields(latest, line);
      if (section !== 'stream' && section !== 'format') return;
      const fields = addFields({}, line);
      latest = section === 'stream' ? fields : null;
      // A programme of a broadcast lists its tracks a second time.
      if (section === 'stream') tracks.set(fields['index'], fields);
      else format = fields;
    },
    header(decodes) {
      const tags = [...tracks.values(), format].flatMap((fields) => Object.keys(fields).flatMap((key) => (key.startsWith('tag:') ? [key.slice(4)] : [])));
      const streams = [...tracks.values()].map((fields) => streamSchema.parse(fields));
      return headerOf(streams, { said: format['duration'], tags }, decodes);
    },
  };
}

/** Skips fields without a value. Since ffmpeg 7 side data are named by their type; of several, all types are kept. */
function addFields(fields: Record<string, string>, line: string): Record<string, string> {
  let isBeside = false;
  for (const part of line.split('|')) {
    const at = part.indexOf('=');
    if (at < 0) isBeside = part === 'side_data';
    const [name, value] = [part.slice(0, at), part.slice(at + 1)];
    if (at < 0 || value === '' || value === 'N/A' || value === 'unknown') continue;
    const key = isBeside ? `side_data:${name}` : name.replace(/^side_datum[^:]*:/, 'side_data:');
    fields[key] = key === 'side_data:side_data_type' && fields[key] !== undefined ? `${fields[key]}\n${value}` : value;
  }
  return fields;
}

export const isTooLarge = (words: string): boolean => words.includes('exceeds specified max pixel count') || /Picture size \d+x\d+ is invalid/.test(words);
export const tooManyPixels = (cause?: unknown): SafelightError =>
  new SafelightError('too_many_pixels', 'The video has more than 40 megapixels. Send it at a smaller size.', { cause });

/** The refusal for a header that could not be read. */
export function refusalOf(cause: EngineRefusal): SafelightError {
  if (isTooLarge(cause.words)) return tooManyPixels(cause);
  if (cause.words.includes('max_streams'))
    return new SafelightError('resource_limit', 'The recording has more than 64 tracks. Send it with the one picture and the one sound that are meant.', {
      cause,
    });
  return damagedRecording('its header cannot be read', cause, { isUnread: true });
}

function headerOf(streams: readonly Stream[], format: { said: string | undefined; tags: readonly string[] }, decodes: ReadonlySet<string>): Header {
  const isPicture = (stream: Stream): boolean => stream['disposition:attached_pic'] === 1;
  const isReadable = (stream: Stream): boolean => stream.codec_name !== undefined && decodes.has(stream.codec_name) && !isDolbyAlone(stream);
  const all = (type: string): Stream[] => streams.filter((stream) => stream.codec_type === type);
  const byDefault = (a: Stream, b: Stream): number => (b['disposition:default'] ?? 0) - (a['disposition:default'] ?? 0);
  const bySize = (a: Stream, b: Stream): number => (b.width ?? 0) * (b.height ?? 0) - (a.width ?? 0) * (a.height ?? 0);
  const [video] = all('video')
    .filter((stream) => !isPicture(stream) && isReadable(stream) && (stream.width ?? 0) > 0)
    .toSorted((a, b) => byDefault(a, b) || bySize(a, b));
  // Phones add a second audio track beside AAC, which no other program can decode.
  const [audio] = all('audio')
    .filter((stream) => isReadable(stream) && stream.codec_name !== 'apac')
    .toSorted(byDefault);
  const cover = all('video').find((stream) => isPicture(stream) && isReadable(stream));
  // Of the tracks that are used, where the format says it for each: the chapters and subtitles of an intact recording may go on after it.
  const used = [video, audio].filter((stream) => stream !== undefined).map(({ duration }) => duration ?? Number.NaN);
  const declared = Math.max(...used);
  const said = used.length > 0 && Number.isFinite(declared) ? declared : Number(format.said ?? Number.NaN);
  return {
    video: video === undefined ? null : videoOf(video),
    audio:
      audio === undefined
        ? null
        : {
            index: audio.index,
            codec: audio.codec_name ?? '',
            profile: audio.profile ?? null,
            channels: audio.channels ?? 0,
            sampleRate: audio.sample_rate ?? 0,
            start: audio.start_time ?? null,
          },
    cover: cover?.index ?? null,
    unread: (['video', 'audio'] as const).flatMap((type) =>
      all(type)
        .filter((stream) => !isPicture(stream) && (!isReadable(stream) || stream.codec_name === 'apac'))
        .map((stream) => ({ index: stream.index, type, codec: isDolbyAlone(stream) ? dolbyName(stream) : (stream.codec_name ?? 'unknown') })),
    ),
    saidSeconds: Number.isFinite(said) ? said : null,
    tags: format.tags.filter((tag) => !usualTags.has(tag.toLowerCase())),
  };
}

const usualTags = new Set(['major_brand', 'minor_version', 'compatible_brands', 'handler_name', 'vendor_id', 'language', 'encoder']);

function videoOf(stream: Stream): VideoTrack {
  const coded = { width: stream.width ?? 0, height: stream.height ?? 0 };
  const [across, down] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const sampleAspect = across && down ? across / down : 1;
  const matrix = stream['side_data:displaymatrix'];
  // ffmpeg counts counterclockwise.
  const rotation = (360 - Math.round(((stream['side_data:rotation'] ?? 0) + 360) % 360)) % 360;
  const across2 = Math.round(coded.width * sampleAspect);
  const upright = rotation === 90 || rotation === 270 ? { width: coded.height, height: across2 } : { width: across2, height: coded.height };
  const field = stream.field_order ?? 'unknown';
  return {
    index: stream.index,
    codec: stream.codec_name ?? '',
    profile: stream.profile ?? null,
    level: stream.level ?? null,
    coded,
    upright,
    sampleAspect,
    pixelFormat: stream.pix_fmt ?? null,
    isInterlaced: field !== 'progressive' && field !== 'unknown',
    rotation,
    isTurned: matrix !== undefined && !isUpright(matrix),
    colour: {
      primaries: stream.color_primaries ?? null,
      transfer: stream.color_transfer ?? null,
      space: stream.color_space ?? null,
      range: stream.color_range ?? null,
    },
    hdr: hdrOf(stream),
  };
}

/** Rows of three numbers, each row preceded by its address. The identity matrix means upright. */
function isUpright(matrix: string): boolean {
  const numbers = matrix
    .trim()
    .split(/\\n|\n/)
    .filter((line) => line !== '')
    .flatMap((line) => line.replace(/^\w+:/, '').trim().split(/\s+/).map(Number));
  return numbers[0] === 65_536 && numbers[1] === 0 && numbers[3] === 0 && numbers[4] === 65_536;
}

function hdrOf(stream: Stream): Hdr {
  if (stream.color_transfer === 'arib-std-b67') return isDolby(stream) ? 'dv' : 'hlg';
  if (stream.color_transfer === 'smpte2084') return isDolby(stream) ? 'dv' : 'pq';
  return 'none';
}
const isDolby = (stream: Stream): boolean => stream['side_data:side_data_type'].includes('DOVI');

/** Dolby Vision in colours of its own, without a picture that other decoders show right: they would show it green and purple. */
const isDolbyAlone = (stream: Stream): boolean => stream['side_data:dv_bl_signal_compatibility_id'] === 0;
const dolbyName = (stream: Stream): string => `Dolby Vision of profile ${stream['side_data:dv_profile'] ?? 'unknown'}`;
