import { claimedTypeName } from '@safelight/contract/type-names';

import { checkAcceptedType, takesAnything, type TypeProblem } from './check-accepted-type.ts';
import { isAmbiguous, isHonest, isTextual, typeOfFileName, typeOfMime, type SniffedType } from './file-types.ts';

export type Declared = { contentType?: string | null; fileName?: string | null };
/** The type that a sender claims, in its own words; `type` is null when it is not known here. */
type Claim = { words: string; major: string; type: SniffedType | null };

/**
 * Compares a file's type with its sender's claims: the MIME type and the file name. Null when they agree or nothing checkable was claimed: empty and
 * wildcard types and ambiguous extensions claim nothing, and an unknown type is believed unless something speaks against it.
 *
 * Two kinds of disagreement are tolerated. Phones and converters often give accepted pictures the name of another accepted type: the bytes decide.
 * And where anything is accepted, extensions have more meanings than this table knows, so only disguised content is refused.
 */
export function compareDeclaredType(sniffed: SniffedType | null, declared: Declared, acceptedTypes: readonly string[]): TypeProblem | null {
  const isRefused = takesAnything(acceptedTypes) ? hides : contradicts;
  const claim = claimsOf(declared).find((one) => !isPictureUnderAnother(sniffed, one, acceptedTypes) && isRefused(sniffed, one));
  return claim === undefined ? null : mismatch(claim, sniffed);
}

function claimsOf({ contentType, fileName }: Declared): Claim[] {
  const claims: Claim[] = [];
  const mime = claimedTypeName(contentType);
  if (mime !== undefined && !isAmbiguous(mime)) {
    const type = typeOfMime(mime);
    const plain = contentType?.split(';', 1)[0]?.trim() ?? mime;
    claims.push({ words: `is declared as ${type === null ? plain : `${type.name} (${plain})`}`, major: mime.split('/', 1)[0] ?? '', type });
  }
  const named = typeOfFileName(fileName ?? '');
  if (named !== null)
    claims.push({ words: `is named .${fileName?.trim().toLowerCase().split('.').at(-1) ?? ''}, as ${named.name} would be`, major: named.kind, type: named });
  return claims;
}

/** SVG does not count as a picture here: it can hold a script, so nobody may mistake it for a photo. */
function isPictureUnderAnother(sniffed: SniffedType | null, { type }: Claim, acceptedTypes: readonly string[]): boolean {
  if (sniffed?.kind !== 'image' || type?.kind !== 'image' || isTextual(sniffed)) return false;
  return checkAcceptedType(sniffed, acceptedTypes) === null && checkAcceptedType(type, acceptedTypes) === null;
}

/** Where only certain types are accepted, everything known about a claim must fit. */
function contradicts(sniffed: SniffedType | null, { type, major }: Claim): boolean {
  if (type === null) return sniffed !== null && isOtherMajorType(sniffed, major);
  if (sniffed === null || sniffed.mime === 'text/plain') return !mayBeUnknown(type);
  return !isHonest(sniffed, type);
}

/** Types that a program may run, draw or follow once it recognises them, whatever the file is called. */
const runs = new Set([
  'text/html',
  'text/xml',
  'image/svg+xml',
  'image/x-mvg',
  'application/x-httpd-php',
  'text/x-shellscript',
  'application/postscript',
  'application/vnd.apple.mpegurl',
  'application/dash+xml',
  'text/x-ffconcat',
  'application/vnd.microsoft.portable-executable',
  'application/x-executable',
  'application/x-shockwave-flash',
  'application/x-ms-shortcut',
  'application/wasm',
]);

const isShown = ({ kind, mime }: SniffedType): boolean => kind !== 'file' || mime === 'application/pdf';
const isRecording = ({ kind }: SniffedType): boolean => kind === 'video' || kind === 'audio';

/** Whether content that can run or be shown is disguised as another type. A script has no signature, but it is text where a picture was promised. */
function hides(sniffed: SniffedType | null, { type, major }: Claim): boolean {
  if (sniffed === null) return false;
  if (type === null) return (runs.has(sniffed.mime) || sniffed.kind !== 'file') && isOtherMajorType(sniffed, major);
  if (isHonest(sniffed, type)) return false;
  // Containers and codecs of recordings are often confused, and that is harmless.
  if (isRecording(sniffed) && isRecording(type)) return false;
  return runs.has(sniffed.mime) || isShown(sniffed) || (isTextual(sniffed) && type.kind !== 'file' && !isTextual(type));
}

/** Text has no signature: with an unusual beginning it may still be what it claims to be. */
const mayBeUnknown = (claimed: SniffedType): boolean => claimed.kind === 'file' && /^(text|font)\/|xml$|rtf$|php$|mpegurl$|x-executable$/.test(claimed.mime);

/** `application/…` says nothing about the content, and people call anything `text/…`; `image/`, `video/` and `audio/` are real claims. */
function isOtherMajorType(sniffed: SniffedType, major: string): boolean {
  if (major === 'text') return sniffed.kind !== 'file' && !isTextual(sniffed);
  if (major === 'video' || major === 'audio') return !isRecording(sniffed);
  return major === 'image' && sniffed.kind !== 'image';
}

function mismatch({ words }: Claim, sniffed: SniffedType | null): TypeProblem {
  const truth = sniffed === null ? 'its bytes are not of that type' : `its bytes are ${sniffed.name} (${sniffed.mime})`;
  return { code: 'type_mismatch', detail: `The file ${words}, but ${truth}. Send it under its real type, or convert it first.` };
}
