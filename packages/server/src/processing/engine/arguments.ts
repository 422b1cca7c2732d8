/** Opens a file with its one demuxer, from this directory, and never anything that the file refers to. */
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

/** Asks nothing, follows nothing, stops at the first damage, and uses one thread so that the bytes are the same on every machine. */
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

/**
 * Players of these formats skip a broken frame, and most files have one: the length of the output tells whether too much is missing. A WAV that was
 * written to a pipe does not know its length, and ffmpeg takes its last samples for broken.
 */
export const forgives = (demuxer: string): boolean => demuxer === 'mp3' || demuxer === 'aac' || demuxer === 'wav';

/** Writes neither metadata nor chapters nor other tracks, and nothing about the date or the machine. */
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
/**
 * Passes only what an H.264 decoder needs: slices and their parameters. Cameras hide text in other units (type 6), and anyone can in those that
 * decoders skip (filler, and the types that the standard leaves open).
 */
export const onlyPicture = 'filter_units=pass_types=1-5|7|8';
export const withoutWords = ['-bsf:v', onlyPicture];

/** One output of a file: its input arguments, and its output arguments by input number. */
export type Part = { input: string[]; output: (opened: number) => string[] };

/** Several outputs in one process, each with its own reading of the file: the bytes of each are the same as if made alone. */
export const inOneGo = (parts: readonly Part[]): string[] => [...parts.flatMap(({ input }) => input), ...parts.flatMap(({ output }, at) => output(at))];
