import { SafelightError } from '../../lib/errors.ts';
import type { CollectionConfig } from '../../policy/collection.ts';
import { asMp4, forgives, openingOf, plainOutput } from '../engine/arguments.ts';
import type { Recording } from '../engine/read-recording.ts';
import { bitrateOf } from '../engine/scan-packets.ts';
import type { Engine } from '../engine/engine.ts';
import { planAudio } from './plan-audio.ts';
import type { Loudness } from './read-loudness.ts';

type Rules = Pick<CollectionConfig['audio'], 'bitrate' | 'codec' | 'normalise'>;
export type AudioPlan = {
  mode: 'copy' | 'encode';
  container: 'mp4' | 'mp3' | 'ogg';
  /** Bits per second, when it is encoded. */
  bitrate: number;
  preview: { from: number; seconds: number };
};

const previewSeconds = 30;
const mostCopiedBitrate = 192_000;

/** AAC and MP3 of usual bitrates stay as they are, and so does Opus when it is the wanted codec; everything else is encoded. */
export function planAudioStream(recording: Recording, rules: Rules, { isSold }: { isSold: boolean }): AudioPlan {
  const { audio, audioScan, demuxer, seconds } = recording;
  if (audio === null || audioScan === null) throw new Error('there is no sound to plan for');
  const rate = bitrateOf(audioScan, seconds);
  const isEveryday = audio.channels <= 2 && rate <= mostCopiedBitrate;
  // The preview of a sold recording is never the whole of it.
  const length = Math.min(previewSeconds, isSold ? seconds / 2 : seconds);
  const preview = { from: Math.min(seconds * 0.1, seconds - length), seconds: length };
  // In the same codec, a higher bitrate would add nothing.
  const bitrate = audio.codec === rules.codec ? Math.max(32_000, Math.min(rules.bitrate, rate)) : rules.bitrate;
  const encoded: AudioPlan = { mode: 'encode', container: rules.codec === 'opus' ? 'ogg' : 'mp4', bitrate, preview };
  if (rules.normalise !== 'off') return encoded;
  if (isEveryday && audio.codec === 'mp3' && demuxer === 'mp3') return { ...encoded, mode: 'copy', container: 'mp3' };
  if (isEveryday && audio.codec === 'opus' && rules.codec === 'opus' && demuxer === 'ogg') return { ...encoded, mode: 'copy' };
  return planAudio(recording) === 'copy' ? { ...encoded, mode: 'copy', container: 'mp4' } : encoded;
}

/** The measured loudness as arguments of the filter that changes it. */
const loudnorm = ({ integrated, truePeak, range, threshold }: Loudness, target: number): string =>
  `loudnorm=I=${target}:TP=-1:LRA=20:measured_I=${integrated}:measured_TP=${truePeak}:measured_LRA=${range}:measured_thresh=${threshold}:linear=true,aresample=48000`;

const ebur128 = 'ebur128=peak=true:framelog=verbose';

/** Loudness and peaks come out the same, for a twentieth less CPU: the frames of a codec are short, and each costs the filters some work of its own. */
const inLongFrames = 'asetnsamples=16384:p=0';

/** Measures loudness only, which has to be known before it can be changed. */
export function measureArguments({ audio, demuxer }: Recording): string[] {
  if (audio === null) throw new Error('there is no sound to measure');
  return [...heardInput(demuxer), '-filter_complex', `[0:${audio.index}]${inLongFrames},${ebur128}[measured]`, '-map', '[measured]', '-f', 'null', '-'];
}

/** Makes stream, loudness, peaks and preview in one run, so that the sound is decoded once. The peaks go to standard output. */
export function audioArguments(
  engine: Engine,
  recording: Recording,
  plan: AudioPlan,
  { measured, rules }: { measured: Loudness | null; rules: Rules },
): string[] {
  const { audio, demuxer } = recording;
  if (audio === null) throw new Error('there is no sound to make anything of');
  const { from, seconds } = plan.preview;
  const fadeOut = Math.max(0, seconds - 1);
  const isEncoded = plan.mode === 'encode';
  const graph = [
    ...split(audio.index, isEncoded, rules.normalise === 'off' ? null : measured && loudnorm(measured, rules.normalise)),
    `[loud]${ebur128}[measured]`,
    '[peaks]aresample=8000,aformat=sample_fmts=s16:channel_layouts=mono[mono]',
    `[part]atrim=start=${from.toFixed(3)}:duration=${seconds.toFixed(3)},asetpts=PTS-STARTPTS,afade=t=in:d=0.5,afade=t=out:st=${fadeOut.toFixed(3)}:d=1[clip]`,
  ];
  const rate = audio.sampleRate > 48_000 || audio.sampleRate < 8_000 ? ['-ar', '48000'] : [];
  const stereo = audio.channels > 2 ? ['-ac', '2'] : [];
  const encoded =
    rules.codec === 'opus'
      ? opus(engine, plan.bitrate, stereo)
      : ['-c:a', 'aac', '-b:a', String(plan.bitrate), ...stereo, ...rate, ...plainOutput, ...asMp4, 'file:stream.m4a'];
  const stream = isEncoded ? ['-map', '[whole]', ...encoded] : ['-map', `0:${audio.index}`, '-c:a', 'copy', ...plainOutput, ...copied(plan.container, demuxer)];
  return [
    ...heardInput(demuxer),
    '-filter_complex',
    graph.join(';'),
    ...stream,
    '-map',
    '[measured]',
    '-f',
    'null',
    '-',
    '-map',
    '[mono]',
    // Writes few large pieces rather than one for each frame.
    '-flush_packets',
    '0',
    '-f',
    's16le',
    'pipe:1',
    '-map',
    '[clip]',
    '-c:a',
    'aac',
    '-b:a',
    '96k',
    ...stereo,
    ...rate,
    ...plainOutput,
    ...asMp4,
    'file:preview.m4a',
  ];
}

/** The sound for each of its filters: the loudness is that of the original, everything else of what the filter `normalised` makes of it. */
function split(index: number, isEncoded: boolean, normalised: string | null): string[] {
  const ways = isEncoded ? { count: 3, names: '[part][whole]' } : { count: 2, names: '[part]' };
  if (normalised === null) return [`[0:${index}]asplit=${ways.count}[long]${ways.names}`, `[long]${inLongFrames},asplit=2[loud][peaks]`];
  return [
    `[0:${index}]asplit=2[before][after]`,
    `[before]${inLongFrames}[loud]`,
    `[after]${normalised},asplit=${ways.count}[long]${ways.names}`,
    `[long]${inLongFrames}[peaks]`,
  ];
}

/** As elsewhere, except for the log level: the loudness filter writes its summary at `info`. */
const heardInput = (demuxer: string): string[] => [
  '-nostdin',
  '-hide_banner',
  '-nostats',
  '-v',
  'info',
  '-y',
  ...(forgives(demuxer) ? [] : ['-xerror']),
  '-threads',
  '1',
  ...openingOf(demuxer, 'in'),
  '-filter_complex_threads',
  '1',
];

function opus({ encoders }: Engine, bitrate: number, stereo: string[]): string[] {
  if (!encoders.has('libopus'))
    throw new SafelightError('unsupported_codec', 'The ffmpeg of this machine cannot encode Opus (it lacks libopus). Ask the operator, then retry.');
  return ['-c:a', 'libopus', '-b:a', String(bitrate), ...stereo, '-ar', '48000', ...plainOutput, '-f', 'ogg', 'file:stream.ogg'];
}

function copied(container: AudioPlan['container'], demuxer: string): string[] {
  if (container === 'ogg') return ['-f', 'ogg', 'file:stream.ogg'];
  if (container === 'mp3') return ['-id3v2_version', '0', '-write_id3v1', '0', '-f', 'mp3', 'file:stream.mp3'];
  return [...(demuxer === 'aac' || demuxer === 'mpegts' ? ['-bsf:a', 'aac_adtstoasc'] : []), ...asMp4, 'file:stream.m4a'];
}
