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
  /** The picture's maximum size; null when there must be no picture. */
  picture: { width: number; height: number } | null;
  hasSound: boolean;
  /** How much later the sound begins than the picture, in seconds; null when that is not compared. */
  soundOffset: number | null;
  /** In seconds, for recordings whose frames lie far apart. */
  tolerance?: number;
  signal: AbortSignal;
};

/**
 * Checks the engine's output as if the file were untrusted: a successful exit proves nothing. Throws `corrupt_media` when it is shorter than its
 * source, which then was not whole, and `resource_limit` when the engine made something else than it was told.
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

/** How much later the sound of a recording begins than its picture; null unless it has both. */
export const soundOffsetOf = ({ videoScan, audioScan }: Recording): number | null =>
  videoScan === null || audioScan === null ? null : audioScan.start - videoScan.start;

const unlike = (what: string, cause?: unknown): SafelightError =>
  new SafelightError('resource_limit', 'Converting this recording gave a wrong result. Export it as an ordinary MP4 and send that.', {
    cause,
    forOperator: `What ffmpeg made is not what it should be: ${what}.`,
  });
