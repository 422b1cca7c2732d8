import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { median, quantile, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { followEvents, type Following } from '../follow-events.ts';
import { timeAnswers } from '../load.ts';
import { treeCpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const run = promisify(execFile);
const plain = ['-nostdin', '-hide_banner', '-v', 'error', '-y'];
const safe = ['-xerror', '-threads', '1', '-protocol_whitelist', 'file,pipe', '-format_whitelist', 'mov', '-max_pixels', '40000000', '-max_streams', '64'];
const bare = ['-map_metadata', '-1', '-movflags', '+faststart', '-f', 'mp4'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60'];
const encode = ['-threads', '1', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-maxrate', '6M', '-bufsize', '12M', '-pix_fmt', 'yuv420p'];
const luma = 'trim=end_frame=12,format=yuv420p,signalstats,metadata=select:key=lavfi.signalstats.YAVG:value=32:function=greater';
const small = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '30', '-maxrate', '600k', '-bufsize', '1200k', '-pix_fmt', 'yuv420p', '-threads', '1'];

type Clip = { file: string; type: string };

/** CPU time of one program, as its parent counts it when it has ended. */
async function floorCpuMs(program: 'ffmpeg' | 'ffprobe', args: readonly string[]): Promise<number> {
  const { stderr } = await run('sh', ['-c', `${program} "$@" > /dev/null && times >&2`, 'sh', ...args], { maxBuffer: 1 << 24 });
  // "times" prints the children's user and system time in its second line.
  const seconds = [...(stderr.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return seconds.reduce((sum, value) => sum + value, 0) * 1000;
}

/** Reading a file: its header, then all its packets, by the two lines that this takes. */
async function readingFloor(file: string): Promise<number> {
  const packets = 'packet=stream_index,pts_time,dts_time,duration_time,size,flags';
  const header = await floorCpuMs('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', file]);
  return header + (await floorCpuMs('ffprobe', ['-v', 'error', '-show_entries', packets, '-of', 'csv=p=0', file]));
}

/** CPU on the command line; `verified` includes that every output is read as its source was: the product does this too, in its own way. */
type Floor = { made: number; verified: number };

async function verifiedFloor(made: number, outputs: readonly string[]): Promise<Floor> {
  let verified = made;
  for (const output of outputs) verified += await readingFloor(output);
  return { made, verified };
}

/**
 * All that a clip needs on the command line, one program for each step: header, packets, poster, stream, preview, storyboard. The rest of the
 * product's work is not included: uploading, storing, the poster as WebP, records, events.
 */
async function clipFloor(clip: Clip, stream: readonly string[], out: (name: string) => string): Promise<Floor> {
  const opened = [...safe, '-i', clip.file];
  const lines = [
    ['-skip_frame', 'nokey', ...opened, '-an', '-vf', `scale=1280:720,${luma}`, '-frames:v', '1', '-f', 'image2', out('floor.png')],
    [...opened, ...stream, ...bare, out('floor.mp4')],
    ['-ss', '1', ...opened, '-t', '4', '-an', '-vf', 'scale=480:270,fps=24', ...small, ...bare, out('floor-preview.mp4')],
    ['-skip_frame', 'nokey', ...opened, '-an', '-vf', 'fps=1:start_time=0:round=down,scale=160:90,tile=10x10', '-frames:v', '1', '-q:v', '5', out('floor.jpg')],
  ];
  let sum = await readingFloor(clip.file);
  for (const line of lines) sum += await floorCpuMs('ffmpeg', [...plain, ...line]);
  return await verifiedFloor(sum, [out('floor.mp4'), out('floor-preview.mp4')]);
}

/** The same for a sound: header, packets, then stream, loudness, peaks and preview in one program. */
async function soundFloor(clip: Clip, out: (name: string) => string): Promise<Floor> {
  const graph = [
    '[0:a]asplit=3[loud][peaks][part]',
    '[loud]ebur128=peak=true:framelog=verbose[m]',
    '[peaks]aresample=8000,aformat=sample_fmts=s16:channel_layouts=mono[mono]',
    '[part]atrim=start=1:duration=30,asetpts=PTS-STARTPTS,afade=t=in:d=0.5,afade=t=out:st=29:d=1[clip]',
  ].join(';');
  const copied = ['-map', '0:a', '-c:a', 'copy', ...bare, out('floor.m4a')];
  const heard = ['-map', '[m]', '-f', 'null', '-', '-map', '[mono]', '-f', 's16le', out('floor.raw')];
  const args = [...plain, ...safe, '-i', clip.file, '-filter_complex', graph, ...copied, ...heard, '-map', '[clip]', '-b:a', '96k', ...bare, out('part.m4a')];
  const made = (await readingFloor(clip.file)) + (await floorCpuMs('ffmpeg', args));
  return await verifiedFloor(made, [out('floor.m4a'), out('part.m4a')]);
}

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
    figures.push(await answersBeside(product, following, clips.studio, { times, smoke }));
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

/**
 * How long small requests take while a video is being encoded, compared with an idle server before and after it, so that drift cancels. Each part lasts
 * as long as an encode does: its first second alone, in which programs are started and files are stored, says little about the rest. Asked by the
 * connection written for loads: `fetch` makes this process collect its own garbage during more than one request of a hundred, which is what the 99th
 * percentile then shows.
 */
async function answersBeside(product: Product, following: Following, clip: Clip, { times, smoke }: { times: number; smoke: boolean }): Promise<Figure> {
  const request = [Buffer.from(`GET /v1/media?limit=20 HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${product.token}\r\n\r\n`)];
  const askUntil = async (isOver: () => boolean): Promise<number[]> => await timeAnswers({ port: product.port, expect: 200, request, isOver });
  const askFor = async (ms: number): Promise<number[]> => {
    const end = performance.now() + ms;
    return await askUntil(() => performance.now() >= end);
  };
  await askFor(smoke ? 50 : 2000);
  const [idle, busy]: [number[], number[]] = [[], []];
  const askIdle = async (): Promise<number> => quantile(await askFor(smoke ? 100 : 12_000), 0.99);
  let before = await askIdle();
  for (let round = 0; round < times; round++) {
    const video = { isDone: false };
    const { promise: encoding, resolve } = Promise.withResolvers<void>();
    const sent = send(product, following, clip, resolve).finally(() => {
      video.isDone = true;
      resolve();
    });
    // Uploading it, and making its poster, is different work: this measures the long time after that.
    await encoding;
    busy.push(quantile(await askUntil(() => video.isDone), 0.99));
    await sent;
    const after = await askIdle();
    idle.push((before + after) / 2);
    before = after;
  }
  return ratioFigure('p99 of a list while a video is encoded, against idle', 'ms', busy, idle, 1.1);
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
