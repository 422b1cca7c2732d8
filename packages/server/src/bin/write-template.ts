import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

import { useFolder } from '../lib/use-folder.ts';
import { UsageError } from './command.ts';

const templates = path.resolve(import.meta.dirname, '../../templates');

/** Copies the files of one template and returns their names. Refuses before it writes anything if one exists, unless it may overwrite. */
export async function writeTemplate({ shape, folder, overwrite }: { shape: string; folder: string; overwrite: boolean }): Promise<string[]> {
  const files = { 'safelight.config.ts': `${shape}/safelight.config.ts`, '.env.example': 'env.example' };
  const names = Object.keys(files);
  const there = names.filter((name) => existsSync(path.join(folder, name)));
  if (there.length > 0 && !overwrite)
    throw new UsageError(`${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already. Nothing was written; --force overwrites.`);
  const why = useFolder(folder);
  if (why !== null) throw new UsageError(`Nothing can be written into ${folder}: ${why}. Run it in a folder that this account may write to.`);
  for (const [name, source] of Object.entries(files)) await copyFile(path.join(templates, source), path.join(folder, name));
  return names;
}
