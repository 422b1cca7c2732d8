import { SafelightError } from '../../lib/errors.ts';
import type { CollectionConfig } from '../../policy/collection.ts';
import type { Engine } from '../engine/engine.ts';
import { asMp4, inputOf, onlyPicture, plainOutput, withoutWords, type Part } from '../engine/arguments.ts';
import type { VideoTrack } from '../engine/probe.ts';
import type { Recording } from '../engine/read-recording.ts';
import { boxOf, sizeInside, type Box, type StreamPlan } from './plan-stream.ts';

type Rules = CollectionConfig['video'];

export function streamPart(engine: Engine, recording: Recording, plan: StreamPlan, rules: Rules): Part {
  const { video, audio, demuxer } = recording;
  if (video === null) throw new Error('there is no picture to stream');
  const tracks = [video.index, ...(plan.audio === 'none' || audio === null ? [] : [audio.index])];
  const sound = plan.audio === 'none' ? ['-an'] : plan.audio === 'copy' ? copiedAudio(demuxer) : ['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-ar', '48000'];
  const picture = plan.mode === 'remux' ? ['-c:v', 'copy', ...withoutWords] : encodedPicture(engine, recording, video, rules);
  const filterThreads = plan.mode === 'remux' ? [] : ['-filter_complex_threads', '1'];
  return {
    input: inputOf(demuxer),
    output: (opened) => [
      ...tracks.flatMap((track) => ['-map', `${opened}:${track}`]),
      ...filterThreads,
      ...picture,
      ...sound,
      ...plainOutput,
      ...asMp4,
      'file:stream.mp4',
    ],
  };
}

const copiedAudio = (demuxer: string): string[] => ['-c:a', 'copy', ...(demuxer === 'mpegts' || demuxer === 'aac' ? ['-bsf:a', 'aac_adtstoasc'] : [])];

/** The encoder's clock. */
const ticksASecond = 90_000;

function encodedPicture(engine: Engine, recording: Recording, video: VideoTrack, rules: Rules): string[] {
  const { fps, videoScan } = recording;
  // Otherwise the last frame would last as long as the one before it, or no time at all.
  const lastTicks = Math.max(1, Math.round((videoScan?.lastDuration || 1 / Math.max(1, fps)) * ticksASecond));
  const filters = [...preparedPicture(recording, video), ...scaledInto(video, boxOf(video, rules.maxSide)), ...toneMap(engine, video)];
  return [
    '-vf',
    filters.join(','),
    '-fps_mode',
    'vfr',
    '-enc_time_base',
    `1:${ticksASecond}`,
    '-c:v',
    'libx264',
    '-preset',
    rules.preset,
    '-crf',
    String(rules.crf),
    '-maxrate',
    '6M',
    '-bufsize',
    '12M',
    '-profile:v',
    'high',
    '-level:v',
    '4.2',
    '-pix_fmt',
    'yuv420p',
    '-force_key_frames',
    'expr:gte(t,n_forced*2)',
    '-threads',
    String(engine.threads),
    '-bsf:v',
    `${onlyPicture},setts=pts=PTS:dts=DTS:duration=${lastTicks}`,
  ];
}

/** Whole frames, and no more of them than screens show. */
export const preparedPicture = ({ fps, videoScan }: Recording, { isInterlaced }: VideoTrack): string[] => [
  ...(isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
  // A clip with hours between two frames would become a million frames.
  ...(fps > 60.5 && (videoScan?.largestGap ?? 0) < 10 ? ['fps=60'] : []),
];

/** To square pixels and even sides; the filter's own arithmetic ignores non-square pixels. */
function scaledInto(video: VideoTrack, box: Box): string[] {
  const { width, height } = sizeInside(video, box);
  return [`scale=${width}:${height}`, 'setsar=1'];
}

/** Converts high dynamic range to standard, after the scaling. Fails without the filter, because the result would be grey. */
export function toneMap(engine: Engine, { hdr, colour }: VideoTrack): string[] {
  if (hdr === 'none') return [];
  if (!engine.filters.has('zscale') || !engine.filters.has('tonemap'))
    throw new SafelightError(
      'unsupported_codec',
      'The ffmpeg of this machine cannot convert high dynamic range (it lacks zscale). Send the video in standard range.',
    );
  const range = colour.range === 'pc' ? 'pc' : 'tv';
  return [
    `setparams=color_primaries=${colour.primaries ?? 'bt2020'}:color_trc=${colour.transfer ?? 'arib-std-b67'}:colorspace=${colour.space ?? 'bt2020nc'}:range=${range}`,
    'zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p',
  ];
}

/** The first of the early keyframes that is not black. `anyFrame`: the first one that can be decoded after `from` seconds, however dark. */
export function posterPart(engine: Engine, { demuxer, video }: Recording, { from, anyFrame }: { from: number; anyFrame: boolean }): Part {
  if (video === null) throw new Error('there is no picture to take a poster from');
  const filters = [
    ...scaledInto(video, { width: 1280, height: 1280 }),
    ...toneMap(engine, video),
    ...(anyFrame ? [] : ['trim=end_frame=12', 'format=yuv420p', 'signalstats', 'metadata=select:key=lavfi.signalstats.YAVG:value=32:function=greater']),
  ];
  const before = [...(anyFrame ? [] : ['-skip_frame', 'nokey']), ...(from > 0 ? ['-ss', from.toFixed(3)] : [])];
  return {
    input: inputOf(demuxer, before),
    output: (opened) => [
      '-map',
      `${opened}:${video.index}`,
      '-an',
      '-vf',
      filters.join(','),
      '-frames:v',
      '1',
      '-c:v',
      'png',
      // It is read once and then removed.
      '-compression_level',
      '0',
      '-f',
      'image2',
      'file:poster.png',
    ],
  };
}

/** Four silent seconds; for a sold video never more than half of it. */
export const previewSeconds = ({ seconds }: Pick<Recording, 'seconds'>, { isSold }: { isSold: boolean }): number => Math.min(4, isSold ? seconds / 2 : seconds);

const previewFps = 24;
const rate = `fps=${previewFps}`;

/** The silent preview from `from` on, `seconds` long. */
export function previewPart(engine: Engine, { demuxer, video, fps }: Recording, { from, seconds }: { from: number; seconds: number }): Part {
  if (video === null) throw new Error('there is no picture to preview');
  const scaled = scaledInto(video, { width: 480, height: 480 });
  // The frames are the same either way, and those that are left out or shown twice need no scaling.
  const filters = [...(fps > previewFps ? [rate, ...scaled] : [...scaled, rate]), ...toneMap(engine, video)];
  return {
    input: inputOf(demuxer, ['-ss', from.toFixed(3)]),
    output: (opened) => [
      '-t',
      seconds.toFixed(3),
      '-map',
      `${opened}:${video.index}`,
      '-an',
      '-filter_complex_threads',
      '1',
      '-vf',
      filters.join(','),
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '30',
      '-maxrate',
      '600k',
      '-bufsize',
      '1200k',
      '-pix_fmt',
      'yuv420p',
      '-threads',
      '1',
      ...withoutWords,
      ...plainOutput,
      ...asMp4,
      'file:preview.mp4',
    ],
  };
}

/** At most a hundred small pictures, one per interval, in their proportions. */
export function storyboardPart(engine: Engine, { demuxer, video }: Recording, { seconds, keyframesOnly }: { seconds: number; keyframesOnly: boolean }): Part {
  if (video === null) throw new Error('there is no picture to make a storyboard of');
  const filters = [
    // A clip shorter than the interval still yields its last frame.
    `fps=1/${seconds}:start_time=0:round=down:eof_action=pass`,
    ...scaledInto(video, { width: 160, height: 90 }),
    ...toneMap(engine, video),
    'pad=160:90:-1:-1',
    'tile=10x10',
  ];
  return {
    // The first spares the demuxer reading all other frames, where it can.
    input: inputOf(demuxer, keyframesOnly ? ['-discard', 'nokey', '-skip_frame', 'nokey'] : []),
    output: (opened) => [
      '-map',
      `${opened}:${video.index}`,
      '-an',
      '-filter_complex_threads',
      '1',
      '-vf',
      filters.join(','),
      '-frames:v',
      '1',
      '-c:v',
      'mjpeg',
      '-q:v',
      '5',
      '-threads',
      '1',
      ...plainOutput,
      '-f',
      'image2',
      'file:storyboard.jpg',
    ],
  };
}
