import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { glob, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const fromHere = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where a published package has the console: beside the built server. */
const prebuilt = fromHere('../console/');
const repository = fromHere('../../../../');
const buildScript = path.join(repository, 'apps/console/build.ts');
const cache = path.join(repository, 'node_modules/.cache/safelight-console');

/** Everything that the built console depends on. Its libraries are pinned by the console's own manifest. */
const sources = ['apps/console/{build.ts,package.json,src/**}', 'packages/{client,contract,react}/src/**/*.{ts,tsx,css}'];

export type ConsoleAsset = { type: string; bytes: Buffer; gzip: Buffer };
export type ConsoleFiles = { index: string; assets: ReadonlyMap<string, ConsoleAsset> };

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

/**
 * The folder with the console's files: prebuilt in a published package, else built from the sources. A build is cached under a hash of the sources,
 * so each change is built once, by the process that is asked first.
 */
export async function prepareConsole(signal: AbortSignal): Promise<string> {
  if (await exists(path.join(prebuilt, 'index.html'))) return prebuilt;
  const version = await hashSources();
  const folder = path.join(cache, version);
  if (await exists(path.join(folder, 'index.html'))) return folder;
  await mkdir(cache, { recursive: true });
  const stale = (await readdir(cache)).filter((name) => !name.startsWith(version));
  // A separate process, so that the bundler does not stay in the server's memory.
  await promisify(execFile)(process.execPath, ['--conditions=safelight-source', buildScript, folder], { signal });
  await Promise.all(stale.map((name) => rm(path.join(cache, name), { recursive: true, force: true })));
  return folder;
}

/** Reads the folder that `prepareConsole` returned into memory: a few files of some hundred KB. */
export async function readConsole(folder: string): Promise<ConsoleFiles> {
  const assets = new Map<string, ConsoleAsset>();
  for (const name of await readdir(path.join(folder, 'assets'))) {
    const type = types[path.extname(name)];
    if (type === undefined) continue;
    const file = path.join(folder, 'assets', name);
    assets.set(name, { type, bytes: await readFile(file), gzip: await readFile(`${file}.gz`) });
  }
  return { index: await readFile(path.join(folder, 'index.html'), 'utf8'), assets };
}

async function hashSources(): Promise<string> {
  const files = await Array.fromAsync(glob(sources, { cwd: repository, exclude: (name) => /\.test\.tsx?$/.test(name) }));
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const whole = path.join(repository, file);
    if ((await stat(whole)).isFile())
      hash
        .update(file)
        .update('\0')
        .update(await readFile(whole))
        .update('\0');
  }
  return hash.digest('hex').slice(0, 20);
}

const exists = async (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
