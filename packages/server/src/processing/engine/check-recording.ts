import type { PolicyRules } from '@safelight/contract/media-rules';

import { damagedRecording } from './damaged-recording.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { Ceilings } from '../../policy/ceilings.ts';
import { saysNoLength } from './demuxer-of.ts';
import type { Recording } from './read-recording.ts';
import { bitrateOf } from './scan-packets.ts';

/** Beyond any screen or player; one frame of this many pixels takes 160 MB. */
const mostPixels = 40_000_000;
const mostFrames = 1_000_000;

const seconds = (value: number): string => (value >= 120 ? `${(value / 60).toFixed(1)} minutes` : `${value.toFixed(1)} seconds`);

/** Compares the real contents of a recording with the limits, before a frame is decoded. Throws the matching refusal. */
export function checkRecording(recording: Recording, rules: PolicyRules | null, ceilings: Pick<Ceilings, 'durationMs' | 'pixels'>): void {
  requireWhole(recording);
  const longest = Math.min(ceilings.durationMs, rules?.maxDurationMs ?? Number.POSITIVE_INFINITY) / 1000;
  if (recording.seconds > longest)
    throw new SafelightError('too_long', `The recording is ${seconds(recording.seconds)} long; at most ${seconds(longest)} are allowed. Shorten it.`);
  if (recording.video === null) return;
  checkPicture(recording, recording.video, rules, ceilings);
  if (rules !== null) checkTracks(recording, rules);
}

function checkPicture(
  { fps, videoScan }: Recording,
  { upright }: NonNullable<Recording['video']>,
  rules: PolicyRules | null,
  ceilings: Pick<Ceilings, 'pixels'>,
): void {
  const { width, height } = upright;
  const size = `${width} × ${height} pixels`;
  const pixels = Math.min(mostPixels, ceilings.pixels, (rules?.maxMegapixels ?? Number.POSITIVE_INFINITY) * 1e6);
  if (width * height > pixels)
    throw new SafelightError(
      'too_many_pixels',
      `The video has ${size}; at most ${(pixels / 1e6).toFixed(1)} megapixels are allowed. Send it at a smaller size.`,
    );
  if ((videoScan?.packets ?? 0) > mostFrames)
    throw new SafelightError('too_many_frames', `The video has ${videoScan?.packets} frames; at most ${mostFrames} are allowed. Shorten it.`);
  // Media that were accepted earlier followed other rules.
  const mostFps = rules === null ? Number.POSITIVE_INFINITY : rules.maxFps;
  // The rate is computed, so that 30 may come out as 30.01.
  if (fps > mostFps * 1.01)
    throw new SafelightError('too_many_frames', `The video has ${Math.round(fps)} frames a second; at most ${mostFps} are allowed. Export it at a lower rate.`);
  if (rules === null) return;
  if (width < (rules.minWidth ?? 1) || height < (rules.minHeight ?? 1))
    throw new SafelightError('too_small', `The video has ${size}; at least ${rules.minWidth ?? 1} × ${rules.minHeight ?? 1} are needed. Send a larger one.`);
  const ratio = width / height;
  if (ratio < (rules.minAspectRatio ?? 0) || ratio > (rules.maxAspectRatio ?? Number.POSITIVE_INFINITY)) {
    const bounds = `${rules.minAspectRatio?.toFixed(2) ?? '0'} to ${rules.maxAspectRatio?.toFixed(2) ?? 'any'}`;
    throw new SafelightError('aspect_ratio_out_of_range', `The video is ${ratio.toFixed(2)} times as wide as it is high; ${bounds} is allowed. Crop it.`);
  }
}

function checkTracks({ audio, videoScan, seconds: found }: Recording, { maxVideoBitrate, requireAudio }: PolicyRules): void {
  if (requireAudio && audio === null)
    throw new SafelightError('unsupported_type', 'The video has no sound, and videos without sound are not taken here. Send one that has it.');
  const bitrate = videoScan === null ? 0 : bitrateOf(videoScan, found);
  const megabits = (bits: number): string => `${(bits / 1e6).toFixed(1)} Mb/s`;
  if (maxVideoBitrate !== null && bitrate > maxVideoBitrate)
    throw new SafelightError(
      'file_too_large',
      `The picture of the video takes ${megabits(bitrate)}; at most ${megabits(maxVideoBitrate)} are allowed. Export it at a lower bitrate.`,
    );
}

/** A header that promises more than the packets hold means a truncated file, except in a fragmented one, where the fragments decide. */
function requireWhole({ demuxer, seconds: found, header, boxes, videoScan, audioScan }: Recording): void {
  if (boxes?.isCut === true && !boxes.isFragmented) throw damagedRecording('it ends before its last frame');
  if (found <= 0) throw damagedRecording('there is no frame in it');
  const said = header.saidSeconds;
  if (said === null || saysNoLength(demuxer) || boxes?.isFragmented === true) return;
  // If the clock did not begin at zero, the header gives the end time.
  const reached = Math.max(found, videoScan?.end ?? 0, audioScan?.end ?? 0);
  if (reached < said * 0.95 && said - reached > 0.5) throw damagedRecording(`it says that it is ${seconds(said)} long, and ${seconds(found)} of it are there`);
}
