import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export type Clip = { name: string; type: string; bytes: Buffer; expected: 'ready' | 'failed' | 'cancelled' };

const picture = (seconds: number, size = '320x180', rate = 30): string[] => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`];
const tone = (seconds: number): string[] => ['-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${seconds}`];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60'];
const aac = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'];

/** A dozen kinds of clips that people upload on purpose, by mistake or in anger. */
const kinds: { name: string; type?: string; args: string[]; expected?: Clip['expected'] }[] = [
  { name: 'phone.mp4', args: [...picture(4, '640x360'), ...tone(4), ...h264, ...aac, '-shortest'] },
  { name: 'silent.mp4', args: [...picture(2), ...h264] },
  {
    name: 'other.webm',
    type: 'video/webm',
    args: [...picture(2), ...tone(2), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'],
  },
  { name: 'studio.mp4', args: [...picture(2, '640x360'), ...h264, '-pix_fmt', 'yuv444p'] },
  { name: 'squeezed.mp4', args: [...picture(1, '720x576'), '-vf', 'setsar=16/11', ...h264] },
  { name: 'old.mkv', type: 'video/x-matroska', args: [...picture(2), ...tone(2), '-c:v', 'mpeg4', '-c:a', 'ac3'] },
  { name: 'song.mp3', type: 'audio/mpeg', args: [...tone(20), '-c:a', 'libmp3lame', '-b:a', '128k'] },
  { name: 'song.flac', type: 'audio/flac', args: [...tone(10), '-c:a', 'flac'] },
  { name: 'memo.m4a', type: 'audio/mp4', args: [...tone(5), ...aac] },
  { name: 'cancelled.mp4', args: [...picture(30, '640x360'), ...h264, '-pix_fmt', 'yuv444p'], expected: 'cancelled' },
  { name: 'cut.mp4', args: [...picture(3), ...tone(3), ...h264, ...aac, '-movflags', '+faststart'], expected: 'failed' },
];

/** One of each kind, made with ffmpeg. */
export async function mixClips(directory: string): Promise<Clip[]> {
  const clips: Clip[] = [];
  for (const { name, type = 'video/mp4', args, expected = 'ready' } of kinds) {
    const file = path.join(directory, name);
    await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, file]);
    const whole = await readFile(file);
    const bytes = expected === 'failed' ? whole.subarray(0, Math.round(whole.length * 0.5)) : whole;
    clips.push({ name, type, bytes, expected });
  }
  return clips;
}
