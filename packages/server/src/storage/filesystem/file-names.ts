import { join } from 'node:path';
import { assertKey } from '../assert-key.ts';
import { hiddenDirectory } from './root.ts';

/** File systems allow 255 bytes per name; the rest leaves room for the mark of a continued name. */
const maxNameBytes = 240;

/** Marks a directory that holds the rest of a long name. No escaped name can end like this: `%` only ever stands before two hex digits. */
const goesOn = '%+';

/**
 * The path of an object below the root. Keys are readable as paths, so that a person finds a file. Only what some file system might interpret is
 * escaped as `%XX`, and a name that is too long continues in a directory of its own.
 */
export function pathOfKey(root: string, key: string): string {
  assertKey(key);
  return join(root, ...key.split('/').flatMap((name, depth) => fileNames(name, depth === 0)));
}

/** The directory that holds the objects with this prefix: that of its last "/", in the same encoding. */
export function directoryOfPrefix(root: string, prefix: string): { directory: string; keyPrefix: string } {
  const end = prefix.lastIndexOf('/') + 1;
  const keyPrefix = prefix.slice(0, end);
  return { directory: end === 0 ? root : pathOfKey(root, keyPrefix.slice(0, -1)), keyPrefix };
}

/** The key as the name of one file, which `nameOfFile` turns into the key again; null when it is too long for that. */
export function flatNameOf(key: string): string | null {
  assertKey(key);
  const name = key.replace(/[%/:*?"<>|]/g, (mark) => `%${hex(mark)}`);
  return Buffer.byteLength(name) <= maxNameBytes ? name : null;
}

function fileNames(name: string, top: boolean): string[] {
  const escaped = top && name === hiddenDirectory ? `%2E${name.slice(1)}` : name.replace(/[%:*?"<>|]/g, (mark) => `%${hex(mark)}`);
  if (Buffer.byteLength(escaped) <= maxNameBytes) return [escaped];
  const pieces = [''];
  for (const character of escaped.match(/%[0-9A-F]{2}|./gu) ?? []) {
    const last = pieces.at(-1) ?? '';
    if (Buffer.byteLength(last) + Buffer.byteLength(character) > maxNameBytes) pieces.push(character);
    else pieces[pieces.length - 1] = last + character;
  }
  return pieces.map((piece, index) => (index < pieces.length - 1 ? piece + goesOn : piece));
}

/** The inverse: the part of a key that a directory entry stands for, and whether the name continues inside it. */
export function nameOfFile(fileName: string): { name: string; continues: boolean } {
  const continues = fileName.endsWith(goesOn);
  const escaped = continues ? fileName.slice(0, -goesOn.length) : fileName;
  return { name: escaped.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))), continues };
}

const hex = (mark: string): string => mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
