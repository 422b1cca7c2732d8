// The program that replaces ffmpeg and ffprobe where neither is installed: the same command line, run by WebAssembly in this process. Usage: node
// wasm-child <ffmpeg-core.js> <ffmpeg|ffprobe> <arguments …>, in the working directory.
import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

type Core = {
  FS: {
    mkdir(path: string): void;
    chdir(path: string): void;
    readdir(path: string): string[];
    readFile(path: string): Uint8Array;
    writeFile(path: string, bytes: Uint8Array): void;
  };
  exec(...args: string[]): number;
  ret: number;
  stringsToPtr(args: string[]): number;
  _ffprobe(count: number, args: number): number;
  setProgress(listen: (progress: { time: number }) => void): void;
};
type CreateCore = (options: {
  wasmBinary: Uint8Array;
  stdin: () => null;
  stdout: (byte: number | null) => void;
  stderr: (byte: number | null) => void;
}) => Promise<Core>;

const chunkBytes = 65_536;
const directory = '/work';

/** Takes single bytes and passes them on in large pieces. */
function sinkTo(descriptor: number): { add: (byte: number | null) => void; flush: () => void } {
  const buffer = Buffer.alloc(chunkBytes);
  let length = 0;
  const flush = (): void => {
    for (let at = 0; at < length;) at += writeSync(descriptor, buffer, at, length - at);
    length = 0;
  };
  return {
    add(byte) {
      if (byte === null) return;
      buffer[length++] = byte & 0xff;
      if (length === chunkBytes) flush();
    },
    flush,
  };
}

/** Names of the input files of a command line. */
const inputsOf = (args: readonly string[]): string[] => args.flatMap((arg, at) => (args[at - 1] === '-i' ? [arg.replace(/^file:/, '')] : []));

function run(core: Core, program: string, args: string[]): number {
  core.FS.mkdir(directory);
  core.FS.chdir(directory);
  const inputs = inputsOf(args);
  // The program itself reports a missing file.
  for (const name of inputs) if (!/[:/]/.test(name) && existsSync(name)) core.FS.writeFile(name, readFileSync(name));
  if (program === 'ffprobe') {
    const all = ['./ffprobe', ...args];
    try {
      return core._ffprobe(all.length, core.stringsToPtr(all));
    } catch (error) {
      // It aborted itself and left its exit code behind.
      if (error instanceof Error && error.message.startsWith('Aborted')) return core.ret;
      throw error;
    }
  }
  core.setProgress(({ time }) => {
    if (time >= 0) writeSync(3, `out_time_us=${Math.round(time)}\n`);
  });
  const code = core.exec(...args);
  if (code !== 0) return code;
  for (const name of core.FS.readdir(directory)) if (name !== '.' && name !== '..' && !inputs.includes(name)) writeFileSync(name, core.FS.readFile(name));
  return code;
}

const [, , file = '', program = '', ...args] = process.argv;
// It was built for browser workers and could open connections as they do.
Object.assign(globalThis, { self: { location: { href: '' } }, WebSocket: undefined, fetch: undefined, XMLHttpRequest: undefined });
const createCore = createRequire(file)(file) as CreateCore;
const [out, words] = [sinkTo(1), sinkTo(2)];
const core = await createCore({
  wasmBinary: readFileSync(path.join(path.dirname(file), 'ffmpeg-core.wasm')),
  stdin: () => null,
  stdout: out.add,
  stderr: words.add,
});
try {
  process.exitCode = run(core, program, args) === 0 ? 0 : 1;
} finally {
  out.flush();
  words.flush();
}
