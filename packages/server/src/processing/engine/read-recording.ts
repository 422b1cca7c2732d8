import path from 'node:path';

import { SafelightError } from '../../lib/errors.ts';
import { damagedRecording } from './damaged-recording.ts';
import type { Engine } from './engine.ts';
import { probe, type AudioTrack, type Header, type VideoTrack } from './probe.ts';
import { readBoxFacts, type BoxFacts } from './read-boxes.ts';
import { scanPackets, type TrackScan } from './scan-packets.ts';

/** A recording as its packets tell it: what is announced counts only for what they cannot say. */
export type Recording = {
  demuxer: string;
  header: Header;
  boxes: BoxFacts | null;
  video: VideoTrack | null;
  audio: AudioTrack | null;
  videoScan: TrackScan | null;
  audioScan: TrackScan | null;
  /** From the first thing seen or heard to the last. */
  seconds: number;
  /** Frames a second, on the average; 0 without a picture. */
  fps: number;
};

/** Reads header and packets of the file `in` of a directory. Throws `corrupt_media`, or `unsupported_codec` when nothing in it can be read here. */
export async function readRecording(
  engine: Engine,
  { directory, name, demuxer, signal }: { directory: string; name: string; demuxer: string; signal: AbortSignal },
): Promise<Recording> {
  const boxes = demuxer === 'mov' ? await readBoxFacts(path.join(directory, name)) : null;
  if (boxes?.isHeadless === true) throw damagedRecording('its index is missing, as it is when a recording was not ended or a transfer broke off');
  const header = await probe(engine, { directory, name, demuxer, signal });
  if (header.video === null && header.audio === null) throw nothingReadable(header);
  const { tracks } = await scanPackets(engine, { directory, name, demuxer, signal });
  const videoScan = scanOf(tracks, header.video);
  const audioScan = withoutPriming(scanOf(tracks, header.audio), header.audio?.start ?? null);
  // A track without a packet is none.
  const video = videoScan === null ? null : header.video;
  const audio = audioScan === null ? null : header.audio;
  const scans = [videoScan, audioScan].filter((scan) => scan !== null);
  const seconds = scans.length === 0 ? 0 : Math.max(...scans.map(({ end }) => end)) - Math.min(...scans.map(({ start }) => start));
  const shown = videoScan === null ? 0 : videoScan.packets - videoScan.dropped;
  const fps = videoScan === null || videoScan.end <= videoScan.start ? 0 : shown / (videoScan.end - videoScan.start);
  return { demuxer, header, boxes, video, audio, videoScan, audioScan, seconds, fps };
}

function scanOf(tracks: ReadonlyMap<number, TrackScan>, track: { index: number } | null): TrackScan | null {
  const scan = track === null ? undefined : tracks.get(track.index);
  return scan === undefined || scan.packets === scan.dropped ? null : scan;
}

/** The longest that an encoder takes to begin; what starts later than its packets by more is told wrongly. */
const mostPrimingSeconds = 1;

function withoutPriming(scan: TrackScan | null, start: number | null): TrackScan | null {
  if (scan === null || start === null || !(start > scan.start) || start - scan.start > mostPrimingSeconds || start >= scan.end) return scan;
  return { ...scan, start };
}

function nothingReadable({ unknownCodecs }: Header): SafelightError {
  if (unknownCodecs.length === 0) return new SafelightError('corrupt_media', 'There is neither picture nor sound in this file. Export it again.');
  return new SafelightError(
    'unsupported_codec',
    `This machine cannot decode ${unknownCodecs.join(', ')}. Export the recording as an MP4 with H.264 and AAC, and send that.`,
  );
}
