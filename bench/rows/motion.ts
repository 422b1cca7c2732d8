import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { answersBeside } from '../answers-beside.ts';
import { median, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { followEvents, type Following } from '../follow-events.ts';
import { clipFloor, encode, plain, soundFloor, type Clip, type Floor } from '../motion-floor.ts';
import { treeCpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const run = promisify(execFile);
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60'];

/**
 * A clip from its upload until it is ready: CPU of all processes of the product compared with the same work on ffmpeg's own command line, and how
 * long people wait for its poster.
 */
export async function motion({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const title = 'A clip, from upload to ready, against the same work on ffmpeg’s command line';
  const hasEngine = await run('ffmpeg', ['-version']).then(
    () => true,
    () => false,
  );
  if (!hasEngine) return { name: 'motion', title, figures: [], missing: ['ffmpeg is not installed'] };
  const clips = await makeClips(directory, smoke);
  const product = await startProduct('start', { dataDir: path.join(directory, 'data') });
  const following = await followEvents(product);
  const figures: Figure[] = [];
  const out = (name: string): string => path.join(directory, name);
  try {
    const measure = async (clip: Clip): Promise<{ cpu: number; ms: number; posterMs: number }> => {
      const before = await treeCpuMs(product.pid);
      const told = await send(product, following, clip);
      return { cpu: (await treeCpuMs(product.pid)) - before, ...told };
    };
    await measure(clips.everyday);
    // Encoding is slow: more than three rounds would take too long.
    const times = Math.max(1, Math.min(rounds, 3));
    const series = async (clip: Clip, floor: () => Promise<Floor>) => {
      const [ours, theirs, verified, waits, posters]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
      for (let round = 0; round < times; round++) {
        const lines = await floor();
        theirs.push(lines.made);
        verified.push(lines.verified);
        const { cpu, ms, posterMs } = await measure(clip);
        ours.push(cpu);
        waits.push(ms);
        posters.push(posterMs);
      }
      return { ours, theirs, verified, waits, posters };
    };
    const encoded = await series(clips.studio, async () => await clipFloor(clips.studio, [...encode, '-c:a', 'aac', '-b:a', '128k'], out));
    figures.push(
      ratioFigure('a clip that is encoded, CPU of all processes, against the lines of all that is made of it', 'ms', encoded.ours, encoded.theirs, 1.05),
      ratioFigure('the same, against these lines and those that read header and packets of each output', 'ms', encoded.ours, encoded.verified),
    );
    const kept = await series(clips.everyday, async () => await clipFloor(clips.everyday, ['-c', 'copy', '-bsf:v', 'filter_units=remove_types=6'], out));
    const beyond = median(kept.ours) - median(kept.theirs);
    figures.push({ what: 'a clip that is kept, CPU beyond the lines of all that is made of it', value: beyond, unit: 'ms', goal: 150 });
    figures.push({ what: 'a clip that is kept, from upload to ready', value: median(kept.waits), unit: 'ms' });
    figures.push({ what: 'its poster, from upload', value: median([...kept.posters, ...encoded.posters]), unit: 'ms', goal: 1000 });
    const hour = await measure(clips.hour);
    figures.push({ what: 'an hour that is kept, CPU of all processes', value: hour.cpu, unit: 'ms', goal: 10_000 });
    const sound = await series(clips.sound, async () => await soundFloor(clips.sound, out));
    figures.push(
      ratioFigure('ten minutes of sound: stream, preview, waveform and loudness, CPU of all processes', 'ms', sound.ours, sound.theirs, 1.1),
      ratioFigure('the same, against these lines and those that read header and packets of both outputs', 'ms', sound.ours, sound.verified),
    );
    const sendStudio = async (onPoster: () => void): Promise<unknown> => await send(product, following, clips.studio, onPoster);
    figures.push(...(await answersBeside(product, { encode: sendStudio, times, smoke })));
    return { name: 'motion', title, figures };
  } finally {
    following.stop();
    await product.stop();
  }
}

async function send(product: Product, following: Following, { file, type }: Clip, onPoster?: () => void): Promise<{ ms: number; posterMs: number }> {
  const bytes = await readFile(file);
  const isSound = type.startsWith('audio/');
  const began = performance.now();
  const { id } = await uploadFile(
    product,
    { collection: 'artist.media', entityType: 'artist', entityId: `bench-${Math.round(began * 1000)}` },
    { name: path.basename(file), type, bytes },
  );
  if (!isSound) await following.told(id, 'poster_ready');
  const posterMs = performance.now() - began;
  onPoster?.();
  await following.told(id, 'processing_complete');
  following.forget(id);
  return { ms: performance.now() - began, posterMs };
}

async function makeClips(directory: string, smoke: boolean): Promise<{ everyday: Clip; studio: Clip; hour: Clip; sound: Clip }> {
  const make = async (name: string, args: readonly string[]): Promise<string> => {
    const file = path.join(directory, name);
    await run('ffmpeg', [...plain, ...args, file], { maxBuffer: 1 << 24 });
    return file;
  };
  const [seconds, size] = smoke ? [2, '640x360'] : [10, '1920x1080'];
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30:d=${seconds}`];
  const tone = (length: number): string[] => ['-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${length}`];
  const everyday = await make('everyday.mp4', [
    ...picture,
    ...tone(seconds),
    ...h264,
    '-b:v',
    '4M',
    '-maxrate',
    '5M',
    '-bufsize',
    '5M',
    '-c:a',
    'aac',
    '-ac',
    '2',
    '-shortest',
  ]);
  const studio = await make('studio.mp4', [...picture, ...tone(seconds), ...h264, '-pix_fmt', 'yuv444p', '-c:a', 'aac', '-shortest']);
  // An hour has to stay below the 500 MB that the collection accepts.
  const small = ['-b:v', '500k', '-maxrate', '600k', '-bufsize', '600k'];
  const minute = await make('minute.mp4', [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=640x360:r=30:d=20',
    ...tone(20),
    ...h264,
    ...small,
    '-c:a',
    'aac',
    '-ac',
    '2',
    '-shortest',
  ]);
  const hour = await make('hour.mp4', ['-stream_loop', smoke ? '2' : '178', '-i', minute, '-c', 'copy', '-movflags', '+faststart']);
  const sound = await make('sound.m4a', [...tone(smoke ? 20 : 600), '-c:a', 'aac', '-b:a', '128k', '-ac', '2']);
  return {
    everyday: { file: everyday, type: 'video/mp4' },
    studio: { file: studio, type: 'video/mp4' },
    hour: { file: hour, type: 'video/mp4' },
    sound: { file: sound, type: 'audio/mp4' },
  };
}
