import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const plain = ['-nostdin', '-hide_banner', '-v', 'error', '-y'];
const safe = ['-xerror', '-threads', '1', '-protocol_whitelist', 'file,pipe', '-format_whitelist', 'mov', '-max_pixels', '40000000', '-max_streams', '64'];
const bare = ['-map_metadata', '-1', '-movflags', '+faststart', '-f', 'mp4'];
/** A stream that is encoded. */
export const encode = ['-threads', '1', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-maxrate', '6M', '-bufsize', '12M', '-pix_fmt', 'yuv420p'];
const luma = 'trim=end_frame=12,format=yuv420p,signalstats,metadata=select:key=lavfi.signalstats.YAVG:value=32:function=greater';
const small = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '30', '-maxrate', '600k', '-bufsize', '1200k', '-pix_fmt', 'yuv420p', '-threads', '1'];

export type Clip = { file: string; type: string };

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
export type Floor = { made: number; verified: number };

async function verifiedFloor(made: number, outputs: readonly string[]): Promise<Floor> {
  let verified = made;
  for (const output of outputs) verified += await readingFloor(output);
  return { made, verified };
}

/**
 * All that a clip needs on the command line, one program for each step: header, packets, poster, stream, preview, storyboard. The rest of the
 * product's work is not included: uploading, storing, the poster as WebP, records, events.
 */
export async function clipFloor(clip: Clip, stream: readonly string[], out: (name: string) => string): Promise<Floor> {
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
export async function soundFloor(clip: Clip, out: (name: string) => string): Promise<Floor> {
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
