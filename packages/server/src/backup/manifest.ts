import { createReadStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import { z } from 'zod';

import { owned } from '../lib/owned.ts';
import { SafelightError } from '../lib/errors.ts';
import type { StoreConfig } from '../storage/store-config.ts';

const manifestSchema = z.object({
  format: z.literal(1),
  safelight: z.string(),
  takenAt: z.iso.datetime(),
  /** The migrations of the database: a release that has all of them can restore it. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.number().int(), digest: z.string() })),
  objects: z.number().int(),
  bytes: z.number().int(),
});
export type Manifest = z.output<typeof manifestSchema>;

/**
 * The objects of a backup are in a store of their own, under their ids: they never change, so a later backup into the same directory adds to them.
 */
export const objectsOf = (directory: string): StoreConfig => ({ provider: 'filesystem', location: 'backup', root: path.join(directory, 'objects') });
export const objectName = (id: string): string => `${id.slice(-2)}/${id}`;

const manifestFile = (directory: string): string => path.join(directory, 'backup.json');
const prefixOf = (takenAt: string): string => `${takenAt.replaceAll(/[^0-9]/g, '')}-`;
export const tableFile = (directory: string, name: string, takenAt: string): string => path.join(directory, `${prefixOf(takenAt)}${name}.jsonl.gz`);
export const isTableOf = (takenAt: string, file: string): boolean => file.startsWith(prefixOf(takenAt));

export async function readManifest(directory: string): Promise<Manifest> {
  const manifest = await findManifest(directory);
  if (manifest === null) throw new SafelightError('not_found', `There is no whole backup in ${directory}: it has no backup.json, which is written last.`);
  return manifest;
}

/** Null only where there is none: one that cannot be read may be of a whole backup. */
export async function findManifest(directory: string): Promise<Manifest | null> {
  const text = await readFile(manifestFile(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  return text === null ? null : manifestSchema.parse(JSON.parse(text));
}

/** Written last and atomically: from then on the directory holds this backup, until then the previous one. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const file = `${manifestFile(directory)}.new`;
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(file, manifestFile(directory));
}

/** Writes all lines and resolves once they are on the disk. */
export async function writeLines(file: string, batches: AsyncIterable<string[]>): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    const gzip = owned(createGzip({ level: 6 }));
    const written = (async () => {
      // A nearly full disk takes a part of what it is given without an error; this writes the rest or fails.
      for await (const chunk of gzip) await handle.appendFile(chunk as Buffer);
    })();
    written.catch(() => undefined);
    for await (const lines of batches) if (!gzip.write(`${lines.join('\n')}\n`)) await Promise.race([once(gzip, 'drain'), written]);
    gzip.end();
    await written;
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const batch = 500;

export async function* readLines(file: string): AsyncGenerator<string[]> {
  const unzipped = owned(createGunzip());
  const piped = pipeline(owned(createReadStream(file)), unzipped);
  // The loop reports it too; this is for a reader that stops early.
  piped.catch(() => undefined);
  let lines: string[] = [];
  let rest = '';
  for await (const text of unzipped.setEncoding('utf8') as AsyncIterable<string>) {
    const parts = `${rest}${text}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    if (lines.length < batch) continue;
    yield lines;
    lines = [];
  }
  if (rest !== '') lines.push(rest);
  if (lines.length > 0) yield lines;
  await piped;
}
