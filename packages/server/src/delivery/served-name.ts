import { typeOfFileName, typeOfMime } from '../filetypes/file-types.ts';

/** What Safelight writes itself and identifies in no upload: captions and waveforms. */
const written: Readonly<Record<string, string>> = { 'text/vtt': 'vtt', 'application/json': 'json' };

/**
 * The name under which an object is sent. The source keeps the name that somebody gave it; what was made from it gets the extension of its own type:
 * the WebP of `print.jpg` is `print.webp`. An unknown extension, as in `v1.2`, is part of the name.
 */
export function servedName(fileName: string, { role, mimeType }: { role: string; mimeType: string }): string {
  const type = typeOfMime(mimeType);
  const extension = type?.extensions[0] ?? written[mimeType];
  const claimed = typeOfFileName(fileName);
  if (role === 'source' || extension === undefined || (type !== null && claimed?.mime === type.mime)) return fileName;
  return `${claimed === null ? fileName : fileName.slice(0, fileName.lastIndexOf('.'))}.${extension}`;
}
