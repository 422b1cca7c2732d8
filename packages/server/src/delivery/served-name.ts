import { typeOfFileName, typeOfMime } from '../filetypes/file-types.ts';

/**
 * The name under which an object is sent. The source is the file that somebody named, and keeps that name; what was made from it is
 * something else, and its ending says what: the WebP of `print.jpg` is `print.webp`. An ending that is none known here, as in `v1.2`,
 * belongs to the name.
 */
export function servedName(fileName: string, { role, mimeType }: { role: string; mimeType: string }): string {
  const type = typeOfMime(mimeType);
  const [extension] = type?.extensions ?? [];
  const claimed = typeOfFileName(fileName);
  if (role === 'source' || extension === undefined || claimed?.mime === type?.mime) return fileName;
  return `${claimed === null ? fileName : fileName.slice(0, fileName.lastIndexOf('.'))}.${extension}`;
}
