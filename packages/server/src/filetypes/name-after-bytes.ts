import { compareDeclaredType } from './compare-declared-type.ts';
import { sniffType } from './sniff.ts';

/**
 * Corrects the extension of a name that nobody chose, such as the end of an address, when it hides what the bytes are (`photo.php` that is a JPEG
 * becomes `photo.jpg`). Any other name stays.
 */
export function nameAfterBytes(fileName: string, head: Buffer): string {
  const sniffed = sniffType(head);
  const extension = sniffed?.extensions[0];
  if (extension === undefined || compareDeclaredType(sniffed, { fileName }, ['*/*']) === null) return fileName;
  return `${fileName.slice(0, fileName.lastIndexOf('.'))}.${extension}`;
}
