import { SafelightError } from '../lib/errors.ts';

/** The smallest limit of all providers: S3 and GCS allow 1,024 bytes. */
const maxKeyBytes = 1024;

/**
 * Refuses keys that some provider would change, or that could mean a place outside the store. One rule holds for all adapters, so that every object
 * can be moved to every provider.
 */
export function assertKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== null) {
    throw new SafelightError('invalid_request', `The object key ${problem}. A key is 1–${maxKeyBytes} bytes of "/"-separated names.`, { context: { key } });
  }
}

function problemOf(key: string): string | null {
  if (key === '') return 'is empty';
  if (!key.isWellFormed()) return 'is not valid Unicode';
  if (Buffer.byteLength(key) > maxKeyBytes) return 'is too long';
  if (hasControlCharacter(key)) return 'has a control character';
  // Azure stores a backslash as a slash.
  if (key.includes('\\')) return 'has a backslash';
  for (const name of key.split('/')) {
    if (name === '') return 'starts or ends with "/", or has "//"';
    if (name === '.' || name === '..') return `has the name "${name}"`;
  }
  return null;
}

function hasControlCharacter(key: string): boolean {
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
