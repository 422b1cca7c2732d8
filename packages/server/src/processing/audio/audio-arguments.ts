import { asMp4, forgives, openingOf, plainOutput } from '../engine/arguments.ts';
import type { Recording } from '../engine/read-recording.ts';
import { bitrateOf } from '../engine/scan-packets.ts';
import { planAudio } from './plan-audio.ts';

export type AudioPlan = { mode: 'copy' | 'encode'; container: 'mp4' | 'mp3'; preview: { from: number; seconds: number } };

const previewSeconds = 30;
const mostCopiedBitrate = 192_000;

/** AAC and MP3 of everyday rates stay as they are; all else becomes AAC. */
export function planAudioStream(recording: Recording, { isSold }: { isSold: boolean }): AudioPlan {
  const { audio, audioScan, demuxer, seconds } = recording;
  if (audio === null || audioScan === null) throw new Error('there is no sound to plan for');
  const isMp3 = audio.codec === 'mp3' && demuxer === 'mp3' && audio.channels <= 2 && bitrateOf(audioScan, seconds) <= mostCopiedBitrate;
  // What is heard of what is sold is never all of it.
  const length = Math.min(previewSeconds, isSold ? seconds / 2 : seconds);
  const preview = { from: Math.min(seconds * 0.1, seconds - length), seconds: length };
  if (isMp3) return { mode: 'copy', container: 'mp3', preview };
  return { mode: planAudio(recording) === 'copy' ? 'copy' : 'encode', container: 'mp4', preview };
}

/** Stream, loudness, peaks and preview in one go, so that the sound is decoded once. The peaks go to standard output. */
export function audioArguments(recording: Recording, plan: AudioPlan, { bitrate }: { bitrate: number }): string[] {
  const { audio, demuxer } = recording;
  if (audio === null) throw new Error('there is no sound to make anything of');
  const { from, seconds } = plan.preview;
  const fadeOut = Math.max(0, seconds - 1);
  const splits = plan.mode === 'encode' ? 4 : 3;
  const graph = [
    `[0:${audio.index}]asplit=${splits}[loud][peaks][part]${splits === 4 ? '[whole]' : ''}`,
    '[loud]ebur128=peak=true:framelog=verbose[measured]',
    '[peaks]aresample=8000,aformat=sample_fmts=s16:channel_layouts=mono[mono]',
    `[part]atrim=start=${from.toFixed(3)}:duration=${seconds.toFixed(3)},asetpts=PTS-STARTPTS,afade=t=in:d=0.5,afade=t=out:st=${fadeOut.toFixed(3)}:d=1[clip]`,
  ];
  const rate = audio.sampleRate > 48_000 || audio.sampleRate < 8_000 ? ['-ar', '48000'] : [];
  const stereo = audio.channels > 2 ? ['-ac', '2'] : [];
  const stream =
    plan.mode === 'encode'
      ? ['-map', '[whole]', '-c:a', 'aac', '-b:a', String(bitrate), ...stereo, ...rate, ...plainOutput, ...asMp4, 'file:stream.m4a']
      : ['-map', `0:${audio.index}`, '-c:a', 'copy', ...plainOutput, ...copied(plan.container, demuxer)];
  return [
    // The measure writes its summary as information.
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

function copied(container: AudioPlan['container'], demuxer: string): string[] {
  if (container === 'mp3') return ['-id3v2_version', '0', '-write_id3v1', '0', '-f', 'mp3', 'file:stream.mp3'];
  return [...(demuxer === 'aac' || demuxer === 'mpegts' ? ['-bsf:a', 'aac_adtstoasc'] : []), ...asMp4, 'file:stream.m4a'];
}
