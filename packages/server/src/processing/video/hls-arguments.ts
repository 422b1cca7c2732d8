import type { CollectionConfig } from '../../policy/collection.ts';
import { inputOf, plainOutput, withoutWords } from '../engine/arguments.ts';
import type { Engine } from '../engine/engine.ts';
import type { VideoTrack } from '../engine/probe.ts';
import type { Recording } from '../engine/read-recording.ts';
import { boxOf, sizeInside, type Box } from './plan-stream.ts';
import { preparedPicture, toneMap } from './video-arguments.ts';

export type Rung = { name: string; size: Box; bitrate: number };

const ladder = [
  { name: '1080', longSide: 1920, bitrate: 5_000_000 },
  { name: '720', longSide: 1280, bitrate: 2_800_000 },
  { name: '480', longSide: 854, bitrate: 1_400_000 },
  { name: '360', longSide: 640, bitrate: 800_000 },
];

/** No rung is larger than the source: larger ones are left out, except the smallest rung. */
export function rungsOf(video: Pick<VideoTrack, 'upright'>, maxSide: number): Rung[] {
  const sized = ladder.map(({ name, longSide, bitrate }) => ({ name, bitrate, longSide, size: sizeInside(video, boxOf(video, Math.min(maxSide, longSide))) }));
  const [largest] = sized;
  const pixels = ({ size }: { size: Box }): number => size.width * size.height;
  const kept = sized.filter((rung, at) => {
    const next = sized[at + 1];
    // Of two rungs with the same size, the lower one has the true name.
    return next === undefined || pixels(next) < pixels(rung);
  });
  return (kept.length > 0 || largest === undefined ? kept : [largest]).map(({ name, size, bitrate }) => ({ name, size, bitrate }));
}

/** All rungs and the sound in one run, each into one file, with a keyframe every two seconds at the same moments in all of them. */
export function hlsArguments(engine: Engine, recording: Recording, rungs: readonly Rung[], rules: CollectionConfig['video']): string[] {
  const { demuxer, video, audio } = recording;
  if (video === null) throw new Error('there is no picture to stream');
  const graph = [
    `[0:${video.index}]${[...preparedPicture(recording, video), `split=${rungs.length}`].join(',')}${rungs.map((_, at) => `[in${at}]`).join('')}`,
    ...rungs.map(({ size }, at) => `[in${at}]${[`scale=${size.width}:${size.height}`, 'setsar=1', ...toneMap(engine, video)].join(',')}[out${at}]`),
  ];
  const streams = rungs.map(({ name }, at) => `v:${at}${audio === null ? '' : ',agroup:sound'},name:${name}`);
  return [
    ...inputOf(demuxer),
    '-filter_complex_threads',
    '1',
    '-filter_complex',
    graph.join(';'),
    ...rungs.flatMap((_, at) => ['-map', `[out${at}]`]),
    ...(audio === null ? [] : ['-map', `0:${audio.index}`, '-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-ar', '48000']),
    '-fps_mode',
    'vfr',
    '-enc_time_base',
    '1:90000',
    '-c:v',
    'libx264',
    '-preset',
    rules.preset,
    '-crf',
    String(rules.crf),
    ...rungs.flatMap(({ bitrate }, at) => [`-maxrate:v:${at}`, String(bitrate), `-bufsize:v:${at}`, String(bitrate * 2)]),
    '-profile:v',
    'high',
    '-pix_fmt',
    'yuv420p',
    '-force_key_frames',
    'expr:gte(t,n_forced*2)',
    '-threads',
    String(engine.threads),
    ...withoutWords,
    ...plainOutput,
    '-f',
    'hls',
    '-hls_time',
    '4',
    '-hls_playlist_type',
    'vod',
    '-hls_segment_type',
    'fmp4',
    '-hls_flags',
    'single_file+independent_segments',
    '-hls_segment_filename',
    'hls_%v.mp4',
    '-var_stream_map',
    [...streams, ...(audio === null ? [] : ['a:0,agroup:sound,default:yes,name:audio'])].join(' '),
    '-master_pl_name',
    'master.m3u8',
    'hls_%v.m3u8',
  ];
}
