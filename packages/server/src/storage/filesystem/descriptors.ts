import { close, fdatasync, fsync, open, read, write, writev } from 'node:fs';
import { promisify } from 'node:util';

/** Raw file descriptors instead of `FileHandle`, which costs as much as a small read or write itself. The code that opens one closes it. */
export const openFile = promisify(open);
export const closeFile = promisify(close);
export const readFile = promisify(read);
export const writeFile = promisify(write);
export const writeFileBuffers = promisify(writev);
export const syncFile = promisify(fsync);
export const syncFileData = promisify(fdatasync);
