import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const isSource = import.meta.url.endsWith('.ts');
/** The entry beside this file, as source or built. */
const entry = fileURLToPath(new URL(isSource ? './wasm-child.ts' : './wasm-child.js', import.meta.url));

/** The command that runs ffmpeg or ffprobe as WebAssembly in a Node process that may access only its directory and start nothing. */
export function wasmCommand(core: string, program: 'ffmpeg' | 'ffprobe', directory: string): string[] {
  const readable = [path.dirname(entry), path.dirname(core), directory];
  return [
    process.execPath,
    '--permission',
    ...readable.map((folder) => `--allow-fs-read=${folder}`),
    `--allow-fs-write=${directory}`,
    '--max-old-space-size=256',
    '--no-warnings',
    entry,
    core,
    program,
  ];
}

/**
 * The path of `@ffmpeg/core`, beside Safelight or in the application that uses it; null when it is not installed. It is large and under the GPL, so
 * nothing here installs it.
 */
export function findWasmCore(): string | null {
  for (const from of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve('@ffmpeg/core');
    } catch {
      // Try the next place.
    }
  }
  return null;
}
