import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runQuietly } from './run-quietly.ts';

export type Packed = { name: string; tarball: string; /** Everything a user can import. */ entries: string[] };

type Conditions = Record<string, string>;
type Manifest = { name: string; files: string[]; exports: Record<string, Conditions>; devDependencies?: unknown };

const root = resolve(import.meta.dirname, '..');

/**
 * Builds the packages and packs them into `folder`, ready to be published: with the licence, and without the export condition by which the workspace
 * finds its sources, which a published package does not contain.
 */
export const packPackages = (folder: string): Packed[] => {
  runQuietly(process.execPath, [resolve(root, 'scripts/build.ts')], root);
  return ['contract', 'client', 'react', 'server'].map((name) => packOne(resolve(root, 'packages', name), resolve(folder, name), folder));
};

const packOne = (source: string, staging: string, folder: string): Packed => {
  const { devDependencies: _, ...manifest } = JSON.parse(readFileSync(resolve(source, 'package.json'), 'utf8')) as Manifest;
  const published = { ...manifest, exports: Object.fromEntries(Object.entries(manifest.exports).map(([key, conditions]) => [key, withoutSource(conditions)])) };

  mkdirSync(staging, { recursive: true });
  writeFileSync(resolve(staging, 'package.json'), JSON.stringify(published, null, 2));
  for (const file of ['README.md', ...manifest.files])
    if (existsSync(resolve(source, file))) cpSync(resolve(source, file), resolve(staging, file), { recursive: true });
  cpSync(resolve(root, 'LICENSE'), resolve(staging, 'LICENSE'));

  const [packed] = JSON.parse(runQuietly('npm', ['pack', '--json', '--pack-destination', folder], staging)) as {
    filename: string;
    size: number;
    entryCount: number;
  }[];
  if (!packed) throw new Error(`npm packed nothing in ${staging}.`);
  console.log(`${packed.filename}: ${packed.entryCount} files, ${Math.ceil(packed.size / 1024)} KiB`);
  return { name: manifest.name, tarball: resolve(folder, packed.filename), entries: entriesOf(manifest, staging) };
};

const withoutSource = ({ 'safelight-source': _, ...published }: Conditions): Conditions => published;

/** A pattern in the exports represents each built module. */
const entriesOf = ({ name, exports }: Manifest, folder: string): string[] =>
  Object.keys(exports).flatMap((key) => {
    if (key.endsWith('.css')) return [];
    if (!key.includes('*')) return [name + key.slice(1)];
    const modules = readdirSync(resolve(folder, 'dist')).filter((file) => file.endsWith('.js'));
    return modules.map((file) => `${name}/${file.slice(0, -'.js'.length)}`);
  });
