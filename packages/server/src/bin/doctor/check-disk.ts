import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import type { Config } from '../../config.ts';
import { bytesText } from '../terminal.ts';
import { broken, doubtful, fine, messageOf, type Finding } from './finding.ts';

const comfortableBytes = 5 * 2 ** 30;
const leastBytes = 512 * 2 ** 20;

/** Checks the free space for data, and for files during processing. */
export async function checkDisk(config: Config): Promise<Finding[]> {
  return await Promise.all([
    room('disk', config.dataDir, 'Make room, or put the data elsewhere with SAFELIGHT_DATA_DIR.'),
    room('temporary files', tmpdir(), 'Make room, or set TMPDIR to a directory on a larger disk.'),
  ]);
}

async function room(check: string, directory: string, fix: string): Promise<Finding> {
  try {
    const { bavail, bsize, ffree, files } = await statfs(directory);
    const free = bavail * bsize;
    const text = `${bytesText(free)} free in ${directory}`;
    if (free < leastBytes) return broken(check, text, fix);
    if (files > 0 && ffree / files < 0.01) return doubtful(check, `${text}, but hardly any inode is`, fix);
    return free < comfortableBytes ? doubtful(check, text, fix) : fine(check, text);
  } catch (error) {
    return broken(check, `${directory}: ${messageOf(error)}`, fix);
  }
}
