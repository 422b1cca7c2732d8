import type { Recording } from '../engine/read-recording.ts';
import { bitrateOf } from '../engine/scan-packets.ts';

export type AudioMode = 'copy' | 'encode' | 'none';

/** An encoder adds up to a tenth of a second in front; more means that something was cut away. */
const primingSeconds = 0.1;

/** Plain stereo AAC of a usual bitrate stays as it is. */
export function planAudio({ audio, audioScan, seconds }: Recording): AudioMode {
  if (audio === null || audioScan === null) return 'none';
  const isPlain = audio.codec === 'aac' && audio.profile === 'LC' && audio.channels <= 2;
  return isPlain && bitrateOf(audioScan, seconds) <= 192_000 && audioScan.droppedSeconds <= primingSeconds && audioScan.isMonotonic ? 'copy' : 'encode';
}
