import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';

import { owned } from '../lib/owned.ts';
import type { PresentArtifact } from './render-artifacts.ts';
import type { MadeFile } from './store-files.ts';

/** Splits the results into those that exist already, byte for byte and with the same layout, and those that do not. */
export async function compareFiles(files: readonly MadeFile[], present: readonly PresentArtifact[]): Promise<{ same: string[]; others: MadeFile[] }> {
  const same: string[] = [];
  const others: MadeFile[] = [];
  for (const file of files) {
    const there = present.find(({ role }) => role === file.role);
    if (there !== undefined && isLike(file, there) && (await digestOf(file)) === there.sha256) same.push(file.role);
    else others.push(file);
  }
  return { same, others };
}

const isLike = ({ mimeType, width, height, layout }: MadeFile, there: PresentArtifact): boolean =>
  there.mimeType === mimeType && there.width === width && there.height === height && isDeepStrictEqual(there.layout ?? null, layout ?? null);

async function digestOf({ content }: MadeFile): Promise<string> {
  const hash = createHash('sha256');
  if ('bytes' in content) hash.update(content.bytes);
  else await pipeline(owned(createReadStream(content.path)), hash);
  return hash.digest('hex');
}
