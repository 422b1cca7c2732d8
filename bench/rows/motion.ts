import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { median, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { followEvents, type Following } from '../follow-events.ts';
import { treeCpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const run = promisify(execFile);
const plain = ['-nostdin', '-hide_banner', '-v', 'error', '-y'];
const bare = ['-map_metadata', '-1', '-movflags', '+faststart', '-f', 'mp4'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60'];

type Clip = { file: string; type: string };

/** Processor time of one ffmpeg, as its parent counts it when it has ended. */
async function floorCpuMs(args: readonly string[]): Promise<number> {
  const { stderr } = await run('sh', ['-c', 'ffmpeg "$@" && times >&2', 'sh', ...plain, ...args], { maxBuffer: 1 << 24 });
  // "times" tells the children's user and system time on its second line.
  const seconds = [...(stderr.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return seconds.reduce((sum, value) => sum + value, 0) * 1000;
}

/**
 * A clip from its upload until it is ready: CPU of all processes of the product against the same work on ffmpeg's own command line, and how
 * long people wait for its poster. Posters, previews, storyboards and all checks are the product's and count.
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
    // Encoding takes the time that it takes: more than three rounds would take longer than anybody waits for.
    const times = Math.max(1, Math.min(rounds, 3));
    const series = async (clip: Clip, floor: () => Promise<number>) => {
      const [ours, theirs, waits, posters]: [number[], number[], number[], number[]] = [[], [], [], []];
      for (let round = 0; round < times; round++) {
        theirs.push(await floor());
        const { cpu, ms, posterMs } = await measure(clip);
        ours.push(cpu);
        waits.push(ms);
        posters.push(posterMs);
      }
      return { ours, theirs, waits, posters };
    };
    const encode = ['-threads', '1', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-maxrate', '6M', '-bufsize', '12M', '-pix_fmt', 'yuv420p'];
    const encoded = await series(
      clips.studio,
      async () => await floorCpuMs(['-i', clips.studio.file, ...encode, '-c:a', 'aac', '-b:a', '128k', ...bare, out('floor.mp4')]),
    );
    figures.push(ratioFigure('a clip that is encoded, CPU of all processes', 'ms', encoded.ours, encoded.theirs, 1.05));
    const kept = await series(clips.everyday, async () => await floorCpuMs(['-i', clips.everyday.file, '-c', 'copy', ...bare, out('floor.mp4')]));
    figures.push({ what: 'a clip that is kept, CPU beyond a bare remux', value: median(kept.ours) - median(kept.theirs), unit: 'ms', goal: 150 });
    figures.push({ what: 'a clip that is kept, from upload to ready', value: median(kept.waits), unit: 'ms' });
    figures.push({ what: 'its poster, from upload', value: median([...kept.posters, ...encoded.posters]), unit: 'ms', goal: 1000 });
    const hour = await measure(clips.hour);
    figures.push({ what: 'an hour that is kept, CPU of all processes', value: hour.cpu, unit: 'ms', goal: 10_000 });
    const graph = '[0:a]asplit=2[loud][peaks];[loud]ebur128=peak=true[m];[peaks]aresample=8000,aformat=sample_fmts=s16:channel_layouts=mono[mono]';
    const heard = ['-filter_complex', graph, '-map', '[m]', '-f', 'null', '-', '-map', '[mono]', '-f', 's16le', out('floor.raw')];
    const copied = ['-map', '0:a', '-c:a', 'copy', ...bare, out('floor.m4a')];
    const sound = await series(clips.sound, async () => await floorCpuMs(['-i', clips.sound.file, ...heard, ...copied]));
    figures.push(ratioFigure('ten minutes of sound: waveform and loudness, CPU of all processes', 'ms', sound.ours, sound.theirs, 1.1));
    figures.push(...(await answersBeside(product, following, clips.studio, smoke)));
    return { name: 'motion', title, figures };
  } finally {
    following.stop();
    await product.stop();
  }
}

async function send(product: Product, following: Following, { file, type }: Clip): Promise<{ ms: number; posterMs: number }> {
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
  await following.told(id, 'processing_complete');
  following.forget(id);
  return { ms: performance.now() - began, posterMs };
}

/** How long small answers take while a video is being encoded, against while nothing is. */
async function answersBeside(product: Product, following: Following, clip: Clip, smoke: boolean): Promise<Figure[]> {
  const ask = async (): Promise<number> => {
    const began = performance.now();
    await (await fetch(`${product.url}/v1/media?limit=20`, { headers: { authorization: `Bearer ${product.token}` } })).arrayBuffer();
    return performance.now() - began;
  };
  const p99 = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? Number.NaN;
  const most = smoke ? 20 : 1000;
  const idle: number[] = [];
  for (let nth = 0; nth < most; nth++) idle.push(await ask());
  const busy: number[] = [];
  const video = { isDone: false };
  const sent = send(product, following, clip).finally(() => (video.isDone = true));
  while (!video.isDone && busy.length < most) busy.push(await ask());
  await sent;
  return [
    {
      what: 'p99 of a list while a video is encoded, against idle',
      value: p99(busy) / p99(idle),
      unit: '×',
      goal: 1.1,
      floor: p99(idle),
      product: p99(busy),
      of: 'ms',
    },
  ];
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
  // An hour has to stay below the 500 MB that the collection takes.
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
