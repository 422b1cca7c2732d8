/** How every call opens a file: by its one demuxer, from this directory, and nothing that it may name. */
export const openingOf = (demuxer: string, name: string): string[] => [
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  demuxer,
  '-max_pixels',
  '40000000',
  '-max_streams',
  '64',
  '-i',
  `file:${name}`,
];

/** Nothing is asked, nothing is followed, the first damage ends it, and one thread makes the same bytes everywhere. */
export const inputOf = (demuxer: string, before: readonly string[] = []): string[] => [
  '-nostdin',
  '-hide_banner',
  '-v',
  'error',
  '-y',
  ...(forgives(demuxer) ? [] : ['-xerror']),
  ...before,
  '-threads',
  '1',
  ...openingOf(demuxer, 'in'),
];

/** Players of these go on behind a broken frame, and most files have one: the length of what comes out tells whether too much is missing. */
export const forgives = (demuxer: string): boolean => demuxer === 'mp3' || demuxer === 'aac';

/** Neither metadata nor chapters nor other tracks, and nothing of the day or the machine. */
export const plainOutput: readonly string[] = [
  '-map_metadata',
  '-1',
  '-map_chapters',
  '-1',
  '-dn',
  '-sn',
  '-fflags',
  '+bitexact',
  '-flags:v',
  '+bitexact',
  '-flags:a',
  '+bitexact',
];
export const asMp4: readonly string[] = ['-movflags', '+faststart', '-f', 'mp4'];
/** Cameras hide words in the stream itself. */
export const withoutWords = ['-bsf:v', 'filter_units=remove_types=6'];

/** One thing to be made of a file: how it is opened, and what comes of it, by the number under which it was opened. */
export type Part = { input: string[]; output: (opened: number) => string[] };

/** Several things in one process, each with its own reading of the file: the bytes of each are those that it would have alone. */
export const inOneGo = (parts: readonly Part[]): string[] => [...parts.flatMap(({ input }) => input), ...parts.flatMap(({ output }, at) => output(at))];
