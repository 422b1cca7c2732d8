// Compiles dav1d's sources, whose folder is the argument, with packages/server/wasm/dav1d. The result is committed, so that nobody needs the compiler
// to run Safelight; `--check` fails if it differs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const version = '1.5.3';
const common =
  'cdf cpu ctx data decode dequant_tables getbits intra_edge itx_1d lf_mask lib log mem msac obu pal picture qm ref refmvs scan tables thread_task warpmv wedge';
/** Compiled once for 8 bits and once for more. */
const byDepth = 'cdef_apply cdef fg_apply filmgrain ipred_prepare ipred itx lf_apply loopfilter looprestoration lr_apply mc recon';

const given = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
if (given === undefined) throw new Error('Name the folder of dav1d: npm run wasm:dav1d -- path/to/dav1d');
const dav1d = resolve(given);
const own = fileURLToPath(new URL('../packages/server/wasm/dav1d/', import.meta.url));
const target = fileURLToPath(new URL('../packages/server/src/processing/image/av1/dav1d-wasm.ts', import.meta.url));

const work = mkdtempSync(join(tmpdir(), 'dav1d-'));
try {
  writeFileSync(join(work, 'vcs_version.h'), `#define DAV1D_VERSION "${version}"\n`);
  const includes = [own, work, join(dav1d, 'include'), dav1d, join(dav1d, 'src'), join(dav1d, 'include/dav1d')].map((path) => `-I${path}`);
  const flags = ['--target=wasm32-wasi', '-O3', '-msimd128', '-DNDEBUG', '-std=c11', '-ffunction-sections', '-fdata-sections', '-fvisibility=hidden', '-w'];
  const objects: string[] = [];
  const compile = (source: string, name: string, ...more: string[]): void => {
    const object = join(work, `${name}.o`);
    execFileSync('clang', [...flags, ...includes, ...more, '-c', source, '-o', object], { stdio: 'inherit' });
    objects.push(object);
  };
  for (const name of common.split(' ')) compile(join(dav1d, `src/${name}.c`), name);
  for (const depth of [8, 16]) for (const name of byDepth.split(' ')) compile(join(dav1d, `src/${name}_tmpl.c`), `${name}_${depth}`, `-DBITDEPTH=${depth}`);
  compile(join(own, 'decoder.c'), 'decoder');
  const wasm = join(work, 'dav1d.wasm');
  const linking = ['--gc-sections', '--stack-first', '-z', 'stack-size=1048576', '--max-memory=2147483648', '--strip-all'];
  execFileSync('clang', ['--target=wasm32-wasi', '-mexec-model=reactor', ...objects, '-o', wasm, ...linking.map((option) => `-Wl,${option}`)]);
  const made = writeModule(readFileSync(wasm));
  if (!process.argv.includes('--check')) writeFileSync(target, made);
  else if (readFileSync(target, 'utf8') !== made) throw new Error('dav1d-wasm.ts is not what this compiler makes of these sources.');
} finally {
  rmSync(work, { recursive: true, force: true });
}

function writeModule(binary: Buffer): string {
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: binary.length };
  const text = brotliCompressSync(binary, { params: parameters }).toString('base64');
  const lines = (text.match(/.{1,2000}/g) ?? []).map((line) => `  '${line}'`);
  const notice = readFileSync(join(dav1d, 'COPYING'), 'utf8').trim().split('\n');
  const comment = [`dav1d ${version}, compiled by \`npm run wasm:dav1d\` (see wasm/dav1d/README.md) and compressed by Brotli. Its licence:`, '', ...notice];
  const libc = ['', 'It holds parts of wasi-libc (MIT, Apache-2.0 with LLVM exception) and of compiler-rt (Apache-2.0 with LLVM exception).'];
  return `/*!\n${[...comment, ...libc].map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\nexport const dav1dWasm = [\n${lines.join(',\n')},\n].join('');\n`;
}
