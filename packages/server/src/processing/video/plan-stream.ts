import type { CollectionConfig } from '../../policy/collection.ts';
import { planAudio, type AudioMode } from '../audio/plan-audio.ts';
import type { Recording } from '../engine/read-recording.ts';
import type { VideoTrack } from '../engine/probe.ts';
import { bitrateOf, type TrackScan } from '../engine/scan-packets.ts';

type Rules = CollectionConfig['video'];
export type Box = { width: number; height: number };

/** How the stream is made: picture and sound each keep their bytes or are encoded. */
export type StreamPlan = { mode: 'remux' | 'encode'; audio: AudioMode; reencodeReasons: string[] };

/** A Full HD box, turned on its side for upright videos. */
export function boxOf({ upright }: Pick<VideoTrack, 'upright'>, maxSide: number): Box {
  const long = Math.min(1920, maxSide);
  const short = Math.round((long * 9) / 16 / 2) * 2;
  return upright.height > upright.width ? { width: short, height: long } : { width: long, height: short };
}

/** Its size within a box: never enlarged, both sides even, as the encoder requires. */
export function sizeInside({ upright }: Pick<VideoTrack, 'upright'>, box: Box): Box {
  const scale = Math.min(1, box.width / upright.width, box.height / upright.height);
  const even = (side: number, most: number): number => Math.max(2, Math.min(Math.round((side * scale) / 2), Math.floor(Math.min(side, most) / 2)) * 2);
  return { width: even(upright.width, box.width), height: even(upright.height, box.height) };
}

const profiles = new Set(['Baseline', 'Constrained Baseline', 'Main', 'High']);

/** A remux costs a hundredth of an encode and loses nothing, so the first question is whether the bytes may stay; every obstacle is a reason. */
export function planStream(recording: Recording, rules: Pick<Rules, 'maxSide' | 'remux' | 'remuxMaxBitrate'>): StreamPlan {
  const { video, videoScan } = recording;
  if (video === null || videoScan === null) throw new Error('there is no picture to plan for');
  const hard = mustEncode(recording, video, videoScan);
  const soft = rules.remux === 'always' ? [] : shouldEncode(recording, video, videoScan, rules);
  const reasons = [...hard, ...soft, ...(rules.remux === 'never' ? ['configured'] : [])];
  return { mode: reasons.length === 0 ? 'remux' : 'encode', audio: planAudio(recording), reencodeReasons: reasons };
}

/** Reasons for which players would reject the bytes, or would show what was cut away. */
function mustEncode({ boxes }: Recording, video: VideoTrack, scan: TrackScan): string[] {
  const checks: [boolean, string][] = [
    [video.codec !== 'h264', 'codec'],
    [video.codec === 'h264' && !profiles.has(video.profile ?? ''), 'profile'],
    [video.pixelFormat !== 'yuv420p', 'pixel_format'],
    [video.isInterlaced, 'interlaced'],
    [video.codec === 'h264' && (video.level ?? Infinity) > 42, 'level'],
    [Math.abs(video.sampleAspect - 1) > 0.001, 'sample_aspect_ratio'],
    [video.hdr !== 'none', 'hdr'],
    [video.isTurned, 'rotation'],
    [scan.dropped > 0, 'edit_list'],
    [!scan.isMonotonic, 'timestamps'],
    [(boxes?.sampleDescriptions ?? 1) > 1, 'sample_descriptions'],
  ];
  return checks.filter(([is]) => is).map(([, reason]) => reason);
}

/** Reasons for which the bytes would play badly or load heavily. */
function shouldEncode({ fps, seconds }: Recording, video: VideoTrack, scan: TrackScan, rules: Pick<Rules, 'maxSide' | 'remuxMaxBitrate'>): string[] {
  const box = boxOf(video, rules.maxSide);
  const checks: [boolean, string][] = [
    [video.upright.width > box.width || video.upright.height > box.height, 'size'],
    [fps > 60.5, 'frame_rate'],
    [bitrateOf(scan, seconds) > rules.remuxMaxBitrate, 'bitrate'],
    [scan.keyframeGap > 10, 'keyframes'],
  ];
  return checks.filter(([is]) => is).map(([, reason]) => reason);
}
