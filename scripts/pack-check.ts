// Checks the packages as their users get them: builds and packs them, lints each tarball, installs them into an empty project outside of the
// repository, measures its size, imports every entry there under plain Node, type-checks a consumer and runs the command.
import { cpSync, existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { checkConsumers } from './pack-consumers.ts';
import { checkInit } from './pack-init.ts';
import { checkNext } from './pack-next.ts';
import { packPackages, type Packed } from './pack-packages.ts';
import { checkReact18 } from './pack-react-18.ts';
import { runQuietly } from './run-quietly.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(resolve(tmpdir(), 'safelight-pack-'));
const project = resolve(folder, 'a-user');

const lint = async ({ name, tarball }: Packed): Promise<void> => {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    level: 'warning',
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  });
  if (messages.length > 0) throw new Error(`${name} is not fit to publish:\n${messages.map((message) => formatMessage(message, pkg)).join('\n')}`);
};

const install = (packages: Packed[]): void => {
  mkdirSync(project);
  writeFileSync(resolve(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module' }));
  runQuietly('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages.map((one) => one.tarball)], project);
};

/** From the workspace, so that the checked versions are the tested ones. */
const linkReact = (): void => {
  for (const name of ['react', 'react-dom', 'scheduler', '@types/react', '@types/react-dom', 'csstype']) {
    const target = resolve(project, 'node_modules', name);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(resolve(root, 'node_modules', name), target, { recursive: true, dereference: true });
  }
};

/** The limit in docs/decisions/node-through-npm.md; it was 368 when the limit was set. */
const mostMegabytes = 380;

/** As allocated on disk, in whole blocks: thousands of small files take more than their bytes. */
const weigh = (): void => {
  const modules = resolve(project, 'node_modules');
  const blocks = new Map<string, number>();
  for (const file of globSync('**', { cwd: modules })) {
    const top = file
      .split('/')
      .slice(0, file.startsWith('@') ? 2 : 1)
      .join('/');
    blocks.set(top, (blocks.get(top) ?? 0) + lstatSync(resolve(modules, file)).blocks);
  }
  const megabytes = (count: number): number => Math.round((count * 512) / 2 ** 20);
  const total = megabytes([...blocks.values()].reduce((sum, one) => sum + one, 0));
  const heaviest = [...blocks].toSorted(([, a], [, b]) => b - a).slice(0, 12);
  console.log(`An installed server takes ${total} MB: ${heaviest.map(([name, count]) => `${name} ${megabytes(count)}`).join(', ')}, …`);
  if (total > mostMegabytes) throw new Error(`An installed server takes ${total} MB; it may take ${mostMegabytes}. See what was added above.`);
};

/** An entry with only types; `checkTypes` checks it. */
const typesOnly = '@safelight/contract/api';

const importAll = (entries: string[]): void => {
  const lines = entries.map((entry) => {
    if (entry === typesOnly) return `await import('${entry}');`;
    return `if (Object.keys(await import('${entry}')).length === 0) throw new Error('${entry} exports nothing.');`;
  });
  writeFileSync(resolve(project, 'import-all.js'), lines.join('\n'));
  runQuietly(process.execPath, ['import-all.js'], project);
};

const checkTypes = (entries: string[]): void => {
  writeFileSync(resolve(project, 'consumer.ts'), entries.map((entry, i) => `import * as m${i} from '${entry}';\nconsole.log(m${i});\n`).join(''));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--lib', 'esnext,dom'];
  runQuietly(process.execPath, [resolve(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', ...options, 'consumer.ts'], project);
};

const safelight = (...args: string[]): string => runQuietly(process.execPath, ['node_modules/@safelight/server/bin/safelight.mjs', ...args], project);

const runCommand = (): void => {
  const help = safelight('--help');
  if (!help.includes('serve')) throw new Error(`The packed command does not show its help:\n${help}`);
};

try {
  const packages = packPackages(folder);
  for (const one of packages) await lint(one);
  install(packages);
  weigh();
  linkReact();
  const entries = packages.flatMap((one) => one.entries);
  importAll(entries);
  checkTypes(entries);
  runCommand();
  console.log(`Begun by "safelight init" and the commands that it names: ${(await checkInit(project)).join(', ')}.`);
  await checkConsumers(project, packages);
  await checkReact18(project, packages);
  await checkNext(project, packages);
  console.log(`Installed outside of the repository: ${entries.length} entries import and type-check, the command runs.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
