import { SafelightError } from '../../lib/errors.ts';
import type { Engine } from './engine.ts';
import type { OutputFacts } from './output-facts.ts';
import { readOutput } from './read-output.ts';
import type { Recording } from './read-recording.ts';

export type Expected = {
  directory: string;
  name: string;
  demuxer: 'mov' | 'mp3' | 'ogg';
  seconds: number;
  /** Of the picture at most; null where there must be none. */
  picture: { width: number; height: number } | null;
  hasSound: boolean;
  /** By how much sound begins later than the picture; null where nobody compares. */
  soundOffset: number | null;
  /** In seconds, where frames lie far apart. */
  tolerance?: number;
  signal: AbortSignal;
};

/**
 * Reads what the engine has made, as if it were a stranger's: that it ended well proves nothing. Throws `corrupt_media` when it is shorter
 * than its source, which then was not whole, and `resource_limit` when the engine made something else than it was told.
 */
export async function checkOutput(engine: Engine, expected: Expected): Promise<OutputFacts> {
  const { directory, name, demuxer, signal } = expected;
  const made = await readOutput(engine, { directory, name, demuxer, signal }).catch((cause: unknown) => {
    throw signal.aborted ? cause : unlike('it cannot be read', cause);
  });
  const tolerance = expected.tolerance ?? Math.max(0.1, expected.seconds * 0.01) + (demuxer === 'mp3' ? 0.1 : 0);
  if (made.seconds < expected.seconds - tolerance)
    throw new SafelightError(
      'corrupt_media',
      `Only ${made.seconds.toFixed(1)} of ${expected.seconds.toFixed(1)} seconds of the recording can be decoded. Export it again.`,
    );
  const problems = [
    made.seconds > expected.seconds + tolerance ? 'it is longer than its source' : null,
    made.tags.length > 0 ? `it carries ${made.tags.join(', ')}` : null,
    (made.sound !== null) === expected.hasSound ? null : 'its sound is not as it should be',
    (made.picture !== null) === (expected.picture !== null) ? null : 'its picture is not as it should be',
    demuxer === 'mov' && !made.isFastStart ? 'its index lies at its end' : null,
    pictureProblem(made, expected.picture),
    syncProblem(made, expected.soundOffset),
  ];
  const [problem] = problems.filter((text) => text !== null);
  if (problem !== undefined) throw unlike(problem);
  return made;
}

function pictureProblem({ picture }: OutputFacts, most: Expected['picture']): string | null {
  if (picture === null || most === null) return null;
  if (picture.codec !== 'h264' || picture.pixelFormat !== 'yuv420p') return `its picture is ${picture.codec} ${picture.pixelFormat}`;
  if (picture.isTurned || picture.isHdr) return 'its picture is not upright or not of standard range';
  if (picture.width > most.width || picture.height > most.height) return `it is ${picture.width} × ${picture.height} pixels large`;
  return picture.isMonotonic ? null : 'its times go back';
}

function syncProblem({ picture, sound }: OutputFacts, expected: number | null): string | null {
  if (picture === null || sound === null || expected === null) return null;
  return Math.abs(sound.start - picture.start - expected) < 0.1 ? null : 'picture and sound do not go together';
}

/** By how much the sound of a recording begins later than its picture; null where it has not both. */
export const soundOffsetOf = ({ videoScan, audioScan }: Recording): number | null =>
  videoScan === null || audioScan === null ? null : audioScan.start - videoScan.start;

const unlike = (what: string, cause?: unknown): SafelightError =>
  new SafelightError('resource_limit', 'Converting this recording gave a wrong result. Export it as an ordinary MP4 and send that.', {
    cause,
    forOperator: `What ffmpeg made is not what it should be: ${what}.`,
  });
