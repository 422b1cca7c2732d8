// Checks the packages as their users get them: builds, packs, lints each tarball, installs them into an empty project outside of the
// repository, imports every entry there under plain Node, type-checks a consumer and runs the command.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

type Manifest = { name: string; version: string; exports: Record<string, unknown> };
type Packed = { name: string; folder: string; tarball: string; entries: string[] };

const root = resolve(import.meta.dirname, '..');
const project = mkdtempSync(resolve(tmpdir(), 'safelight-pack-'));

const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Everything a user can import; a pattern stands for each built module. */
const entriesOf = ({ name, exports }: Manifest, folder: string): string[] =>
  Object.keys(exports).flatMap((key) => {
    if (!key.includes('*')) return [name + key.slice(1)];
    const modules = readdirSync(resolve(folder, 'dist')).filter((file) => file.endsWith('.js'));
    return modules.map((file) => `${name}/${file.slice(0, -'.js'.length)}`);
  });

const pack = (folder: string): Packed => {
  const manifest = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as Manifest;
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', project], folder)) as {
    filename: string;
    size: number;
    entryCount: number;
  }[];
  if (!packed) throw new Error(`npm packed nothing in ${folder}.`);
  console.log(`${packed.filename}: ${packed.entryCount} files, ${Math.ceil(packed.size / 1024)} KiB`);
  return { name: manifest.name, folder, tarball: resolve(project, packed.filename), entries: entriesOf(manifest, folder) };
};

const lint = async ({ name, folder, tarball }: Packed): Promise<void> => {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pkgDir: folder,
    level: 'warning',
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  });
  if (messages.length > 0) throw new Error(`${name} is not fit to publish:\n${messages.map((message) => formatMessage(message, pkg)).join('\n')}`);
};

try {
  run(process.execPath, [resolve(root, 'scripts/build.ts')], root);
  const packages = ['contract', 'client', 'server'].map((name) => pack(resolve(root, 'packages', name)));
  for (const one of packages) await lint(one);

  writeFileSync(resolve(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module' }));
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages.map((one) => one.tarball)], project);

  const entries = packages.flatMap((one) => one.entries);
  const imports = entries.map((entry) => `if (Object.keys(await import('${entry}')).length === 0) throw new Error('${entry} exports nothing.');`);
  writeFileSync(resolve(project, 'import-all.js'), imports.join('\n'));
  run(process.execPath, ['import-all.js'], project);

  mkdirSync(resolve(project, 'types'));
  writeFileSync(resolve(project, 'types/consumer.ts'), entries.map((entry, i) => `import * as m${i} from '${entry}';\nconsole.log(m${i});\n`).join(''));
  const compilerOptions = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--lib', 'esnext,dom', '--types', '', 'types/consumer.ts'];
  run(process.execPath, [resolve(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', ...compilerOptions], project);

  const help = run(process.execPath, ['node_modules/@safelight/server/bin/safelight.mjs', '--help'], project);
  if (!help.includes('serve')) throw new Error(`The packed command does not show its help:\n${help}`);
  console.log(`Installed outside of the repository: ${entries.length} entries import and type-check, the command runs.`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
