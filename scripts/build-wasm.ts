// Compiles packages/server/wasm/pixels.ts. The result is committed, so that nobody needs the compiler to run Safelight; `--check` fails if it differs
// from the source.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The part of the compiler's interface that is used; it is installed separately from the workspaces. */
type Compiler = {
  main(
    options: string[],
    files: { readFile(name: string): string | null; writeFile(name: string, contents: string | Uint8Array): void; listFiles(): string[] },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
};
const compilerUrl = new URL('../packages/server/wasm/node_modules/assemblyscript/dist/asc.js', import.meta.url);
const { default: compiler } = (await import(compilerUrl.href)) as { default: Compiler };

const source = fileURLToPath(new URL('../packages/server/wasm/pixels.ts', import.meta.url));
const target = fileURLToPath(new URL('../packages/server/src/processing/image/pixels/pixels-wasm.ts', import.meta.url));

let binary: Uint8Array | undefined;
const { error, stderr } = await compiler.main(
  ['pixels.ts', '-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd', '--enable', 'relaxed-simd', '--outFile', 'pixels.wasm'],
  {
    readFile: (name) => (name === 'pixels.ts' ? readFileSync(source, 'utf8') : null),
    writeFile: (name, contents) => {
      if (name === 'pixels.wasm' && typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  },
);
if (error !== null || binary === undefined) {
  console.error(stderr.toString());
  throw new Error('wasm/pixels.ts does not compile.', { cause: error });
}

const lines = (
  Buffer.from(binary)
    .toString('base64')
    .match(/.{1,150}/g) ?? []
).map((line) => `  '${line}'`);
const made = `/** wasm/pixels.ts, compiled by \`npm run wasm\`. */\nexport const pixelsWasm = [\n${lines.join(',\n')},\n].join('');\n`;

if (!process.argv.includes('--check')) writeFileSync(target, made);
else if (readFileSync(target, 'utf8') !== made) throw new Error('pixels-wasm.ts is not what wasm/pixels.ts makes: run `npm run wasm` and commit both.');
