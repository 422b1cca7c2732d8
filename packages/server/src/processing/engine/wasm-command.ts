import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const isSource = import.meta.url.endsWith('.ts');
/** The entry beside this file, as source or as built. */
const entry = fileURLToPath(new URL(isSource ? './wasm-child.ts' : './wasm-child.js', import.meta.url));

/** The words that run ffmpeg or ffprobe as WebAssembly in a Node of its own, which may read and write its directory and start nothing. */
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
 * Where `@ffmpeg/core` lies, beside Safelight or in the application that it is installed with; null where nobody has installed it. It is
 * under the GPL and large, so nothing here brings it along.
 */
export function findWasmCore(): string | null {
  for (const from of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve('@ffmpeg/core');
    } catch {
      // Looked for in the next place.
    }
  }
  return null;
}
