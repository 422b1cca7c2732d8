import { typeOfMime, type SniffedType } from './file-types.ts';

export type TypeProblem = { code: 'type_mismatch' | 'unsupported_type'; detail: string };

/** Types that are also an instance of another one: a HEIC picture is a HEIF picture, an Opus recording an Ogg one. */
const widerType: Readonly<Record<string, string>> = { 'image/heic': 'image/heif', 'audio/opus': 'audio/ogg' };

/** Whether any file is accepted, also one that is not known here. */
export const takesAnything = (acceptedTypes: readonly string[]): boolean => acceptedTypes.includes('*/*');

/** Whether a type is among the accepted ones, which may be exact (`image/png`), a whole major type (`image/*`) or anything; null when it is. */
export function checkAcceptedType(sniffed: SniffedType | null, acceptedTypes: readonly string[]): TypeProblem | null {
  if (takesAnything(acceptedTypes)) return null;
  const allowed = acceptedTypes.map((mime) => typeOfMime(mime)?.mime ?? mime);
  if (sniffed !== null && (allowed.includes(sniffed.mime) || allowed.includes(`${sniffed.mime.split('/', 1)[0]}/*`))) return null;
  if (sniffed !== null && allowed.includes(widerType[sniffed.mime] ?? '')) return null;
  const names = allowed.map((mime) => typeOfMime(mime)?.name ?? mime).join(', ');
  const what = sniffed === null ? 'The type of this file is not known here' : `This is ${sniffed.name} (${sniffed.mime})`;
  return { code: 'unsupported_type', detail: `${what}. Accepted here: ${names}.` };
}
