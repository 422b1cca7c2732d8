import { z } from 'zod';

import { SafelightError } from '../../lib/errors.ts';
import { damagedRecording } from './damaged-recording.ts';
import { openingOf } from './arguments.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal, runEngine } from './run-engine.ts';

export type Hdr = 'none' | 'hlg' | 'pq' | 'dv';
export type Colour = { primaries: string | null; transfer: string | null; space: string | null; range: string | null };

export type VideoTrack = {
  index: number;
  codec: string;
  profile: string | null;
  level: number | null;
  /** As stored. */
  coded: { width: number; height: number };
  /** As it is to be seen: square pixels, turned. */
  upright: { width: number; height: number };
  sampleAspect: number;
  pixelFormat: string | null;
  isInterlaced: boolean;
  /** Clockwise, in degrees. */
  rotation: number;
  /** Turned or mirrored by its header, not in its pixels. */
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
  /** When it is first heard: players skip what the encoder needed to begin. */
  start: number | null;
};

/** What a recording announces. Its length and its rates are told by its packets alone. */
export type Header = {
  video: VideoTrack | null;
  audio: AudioTrack | null;
  /** Index of an attached picture. */
  cover: number | null;
  /** Tracks in a codec that this machine does not know. */
  unread: { index: number; type: 'video' | 'audio'; codec: string }[];
  saidSeconds: number | null;
  /** Whatever it names itself by, also of its tracks, besides what every file of its kind has. */
  tags: string[];
};

const number = z.union([z.number(), z.string().transform(Number)]).optional();
const answerSchema = z.object({
  streams: z
    .array(
      z.object({
        index: z.number(),
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
        disposition: z.record(z.string(), z.number()).optional(),
        tags: z.record(z.string(), z.string()).optional(),
        side_data_list: z.array(z.looseObject({ side_data_type: z.string().optional(), rotation: number, displaymatrix: z.string().optional() })).optional(),
      }),
    )
    .default([]),
  format: z.object({ duration: number, tags: z.record(z.string(), z.string()).optional() }).default({}),
});
type Stream = z.output<typeof answerSchema>['streams'][number];

const entries =
  'format=duration:format_tags:stream=index,codec_type,codec_name,profile,level,width,height,sample_aspect_ratio,pix_fmt,field_order,' +
  'color_range,color_space,color_transfer,color_primaries,channels,sample_rate,start_time:stream_disposition=default,attached_pic:stream_tags:' +
  'stream_side_data=side_data_type,rotation,displaymatrix';

export type ProbeInput = { directory: string; name: string; demuxer: string; signal: AbortSignal };

/** Reading a header or its packets decodes nothing, so it takes little of anything. */
export const readingLimits = { cpuSeconds: 120, fileBytes: 1 << 20, memoryBytes: 1 << 30 };

/** What a file announces, and which of its tracks count. Throws `corrupt_media`, or `unsupported_codec` where it holds nothing that can be read here. */
export async function probe(engine: Engine, { directory, name, demuxer, signal }: ProbeInput): Promise<Header> {
  const chunks: Buffer[] = [];
  const args = ['-v', 'error', '-show_entries', entries, '-of', 'json', ...openingOf(demuxer, name)];
  try {
    const { words } = await runEngine(engine, { program: 'ffprobe', args, directory, limits: readingLimits, signal, onData: (chunk) => chunks.push(chunk) });
    if (isTooLarge(words)) throw tooManyPixels();
  } catch (cause) {
    throw cause instanceof EngineRefusal ? refusalOf(cause) : cause;
  }
  const { streams, format } = answerSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  return headerOf(streams, format, engine.decodes);
}

const isTooLarge = (words: string): boolean => words.includes('exceeds specified max pixel count') || /Picture size \d+x\d+ is invalid/.test(words);
const tooManyPixels = (cause?: unknown): SafelightError =>
  new SafelightError('too_many_pixels', 'The video has more than 40 megapixels. Send it at a smaller size.', { cause });

function refusalOf(cause: EngineRefusal): SafelightError {
  if (isTooLarge(cause.words)) return tooManyPixels(cause);
  if (cause.words.includes('max_streams'))
    return new SafelightError('resource_limit', 'The recording has more than 64 tracks. Send it with the one picture and the one sound that are meant.', {
      cause,
    });
  return damagedRecording('its header cannot be read', cause, { isUnread: true });
}

function headerOf(streams: readonly Stream[], format: z.output<typeof answerSchema>['format'], decodes: ReadonlySet<string>): Header {
  const isPicture = ({ disposition }: Stream): boolean => disposition?.['attached_pic'] === 1;
  const isReadable = ({ codec_name }: Stream): boolean => codec_name !== undefined && decodes.has(codec_name);
  const all = (type: string): Stream[] => streams.filter((stream) => stream.codec_type === type);
  const byDefault = (a: Stream, b: Stream): number => (b.disposition?.['default'] ?? 0) - (a.disposition?.['default'] ?? 0);
  const bySize = (a: Stream, b: Stream): number => (b.width ?? 0) * (b.height ?? 0) - (a.width ?? 0) * (a.height ?? 0);
  const [video] = all('video')
    .filter((stream) => !isPicture(stream) && isReadable(stream) && (stream.width ?? 0) > 0)
    .toSorted((a, b) => byDefault(a, b) || bySize(a, b));
  // Phones put a track beside their AAC that nobody else can decode.
  const [audio] = all('audio')
    .filter((stream) => isReadable(stream) && stream.codec_name !== 'apac')
    .toSorted(byDefault);
  const cover = all('video').find((stream) => isPicture(stream) && isReadable(stream));
  const said = format.duration;
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
        .map(({ index, codec_name }) => ({ index, type, codec: codec_name ?? 'unknown' })),
    ),
    saidSeconds: said === undefined || !Number.isFinite(said) ? null : said,
    tags: [...Object.keys(format.tags ?? {}), ...streams.flatMap(({ tags }) => Object.keys(tags ?? {}))].filter((tag) => !usualTags.has(tag.toLowerCase())),
  };
}

const usualTags = new Set(['major_brand', 'minor_version', 'compatible_brands', 'handler_name', 'vendor_id', 'language', 'encoder']);

function videoOf(stream: Stream): VideoTrack {
  const coded = { width: stream.width ?? 0, height: stream.height ?? 0 };
  const [across, down] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const sampleAspect = across && down ? across / down : 1;
  const matrix = stream.side_data_list?.find((data) => data.displaymatrix !== undefined);
  // ffmpeg counts against the clock.
  const rotation = (360 - Math.round(((matrix?.rotation ?? 0) + 360) % 360)) % 360;
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
    isTurned: matrix?.displaymatrix !== undefined && !isUpright(matrix.displaymatrix),
    colour: {
      primaries: stream.color_primaries ?? null,
      transfer: stream.color_transfer ?? null,
      space: stream.color_space ?? null,
      range: stream.color_range ?? null,
    },
    hdr: hdrOf(stream),
  };
}

/** Rows of three numbers, each row behind its address. Upright: only the numbers of the diagonal, and these as they are. */
function isUpright(matrix: string): boolean {
  const numbers = matrix
    .trim()
    .split('\n')
    .flatMap((line) => line.replace(/^\w+:/, '').trim().split(/\s+/).map(Number));
  return numbers[0] === 65_536 && numbers[1] === 0 && numbers[3] === 0 && numbers[4] === 65_536;
}

function hdrOf(stream: Stream): Hdr {
  if (stream.color_transfer === 'arib-std-b67') return isDolby(stream) ? 'dv' : 'hlg';
  if (stream.color_transfer === 'smpte2084') return isDolby(stream) ? 'dv' : 'pq';
  return 'none';
}
const isDolby = ({ side_data_list }: Stream): boolean => side_data_list?.some(({ side_data_type }) => side_data_type?.startsWith('DOVI') === true) === true;
