import path from 'node:path';

import { SafelightError } from '../../lib/errors.ts';
import { damagedRecording } from './damaged-recording.ts';
import { openingOf } from './arguments.ts';
import type { Engine } from './engine.ts';
import { collectHeader, headerEntries, isTooLarge, refusalOf, tagEntries, tooManyPixels, type AudioTrack, type Header, type VideoTrack } from './probe.ts';
import { readBoxFacts, type BoxFacts } from './read-boxes.ts';
import { EngineRefusal, runEngine } from './run-engine.ts';
import { readWavFacts } from './read-wav.ts';
import { collectPackets, packetEntries, type TrackScan } from './scan-packets.ts';

/** A recording as its packets show it; the header counts only for what they cannot tell. */
export type Recording = {
  demuxer: string;
  header: Header;
  /** Of an MP4, or of a WAV, whose chunks are much the same. */
  boxes: BoxFacts | null;
  video: VideoTrack | null;
  audio: AudioTrack | null;
  videoScan: TrackScan | null;
  audioScan: TrackScan | null;
  /** Tracks of picture or sound in codecs that cannot be read here. */
  unread: Header['unread'];
  /** From the first thing seen or heard to the last. */
  seconds: number;
  /** Average frames per second; 0 without a picture. */
  fps: number;
};

type Asked = {
  directory: string;
  name: string;
  demuxer: string;
  signal: AbortSignal;
  /** Whether to read metadata of file and tracks. Not for an untrusted file: its text could look like a field. */
  withTags?: boolean;
  /** Called with the processor time used. */
  count?: (cpuMs: number) => void;
};

/** Reads header and packets of a file in the directory. Throws `corrupt_media`, or `unsupported_codec` when nothing in it can be read here. */
export async function readRecording(engine: Engine, asked: Asked): Promise<Recording> {
  const { directory, name, demuxer } = asked;
  const read = demuxer === 'mov' ? readBoxFacts : demuxer === 'wav' ? readWavFacts : null;
  const boxes = (await read?.(path.join(directory, name))) ?? null;
  if (boxes?.isHeadless === true) throw damagedRecording('its index is missing, as it is when a recording was not ended or a transfer broke off');
  const { header, tracks } = await ask(engine, asked);
  if (header.video === null && header.audio === null) throw nothingReadable(header.unread);
  const videoScan = scanOf(tracks, header.video);
  const audioScan = withoutPriming(scanOf(tracks, header.audio), header.audio?.start ?? null);
  // A track without packets does not count.
  const video = videoScan === null ? null : header.video;
  const audio = audioScan === null ? null : header.audio;
  const scans = [videoScan, audioScan].filter((scan) => scan !== null);
  const seconds = scans.length === 0 ? 0 : Math.max(...scans.map(({ end }) => end)) - Math.min(...scans.map(({ start }) => start));
  const shown = videoScan === null ? 0 : videoScan.packets - videoScan.dropped;
  const fps = videoScan === null || videoScan.end <= videoScan.start ? 0 : shown / (videoScan.end - videoScan.start);
  // Some cameras declare a sound track that they did not record.
  const unread = header.unread.filter(({ index }) => (tracks.get(index)?.packets ?? 0) > 0);
  return { demuxer, header, boxes, video, audio, videoScan, audioScan, unread, seconds, fps };
}

/** Reading decodes nothing, so it needs few resources. */
const readingLimits = { cpuSeconds: 120, fileBytes: 1 << 20, memoryBytes: 1 << 30 };

/** Reads header and packets in one run: starting a program costs as much as reading a minute. No packet is decoded or kept. */
async function ask(
  engine: Engine,
  { directory, name, demuxer, signal, withTags = false, count }: Asked,
): Promise<{ header: Header; tracks: ReadonlyMap<number, TrackScan> }> {
  const [header, packets] = [collectHeader(), collectPackets({ restarts: demuxer === 'ogg' })];
  let rest = '';
  const read = (line: string): void => (line.startsWith('packet|') ? packets.add(line) : header.add(line));
  const entries = [packetEntries, headerEntries, ...(withTags ? [tagEntries] : [])].join(':');
  try {
    const { words, cpuMs } = await runEngine(engine, {
      program: 'ffprobe',
      // Its plain standard output is written line by line: a call to the system, and a wake-up here, for each of hundreds of thousands of packets.
      args: ['-v', 'error', '-show_entries', entries, '-of', 'compact', '-o', 'pipe:1', ...openingOf(demuxer, name)],
      directory,
      limits: readingLimits,
      signal,
      onData(chunk) {
        const text = rest + chunk.toString('latin1');
        let from = 0;
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
          read(text.slice(from, end));
          from = end + 1;
        }
        rest = text.slice(from);
      },
    });
    count?.(cpuMs);
    if (isTooLarge(words)) throw tooManyPixels();
  } catch (cause) {
    if (!(cause instanceof EngineRefusal)) throw cause;
    throw packets.tracks().size > 0 ? damagedRecording('its packets cannot be read', cause) : refusalOf(cause);
  }
  read(rest);
  const [said, tracks] = [header.header(engine.decodes), packets.tracks()];
  return { header: { ...said, saidSeconds: unkept(said.saidSeconds, tracks) }, tracks };
}

/** The length that the header says, unless a track, such as subtitles, goes on for as long: then nothing is missing. */
function unkept(seconds: number | null, tracks: ReadonlyMap<number, TrackScan>): number | null {
  return seconds !== null && [...tracks.values()].some(({ end }) => end >= seconds - 0.5) ? null : seconds;
}

function scanOf(tracks: ReadonlyMap<number, TrackScan>, track: { index: number } | null): TrackScan | null {
  const scan = track === null ? undefined : tracks.get(track.index);
  return scan === undefined || scan.packets === scan.dropped ? null : scan;
}

/** The longest priming of an encoder; a declared start that is further from the first packet is ignored. */
const mostPrimingSeconds = 1;

function withoutPriming(scan: TrackScan | null, start: number | null): TrackScan | null {
  if (scan === null || start === null || !(start > scan.start) || start - scan.start > mostPrimingSeconds || start >= scan.end) return scan;
  return { ...scan, start };
}

function nothingReadable(unread: Header['unread']): SafelightError {
  if (unread.length === 0) return new SafelightError('corrupt_media', 'There is neither picture nor sound in this file. Export it again.');
  return undecodable(unread);
}

/** The refusal of codecs that no decoder of this machine supports; it names them. */
export const undecodable = (unread: Header['unread']): SafelightError =>
  new SafelightError(
    'unsupported_codec',
    `This machine cannot decode ${unread.map(({ codec }) => codec).join(', ')}. Export the recording as an MP4 with H.264 and AAC, and send that.`,
  );

/** When the picture begins, relative to the recording, and how long it lasts. */
export function pictureSpan({ seconds, videoScan, audioScan }: Pick<Recording, 'seconds' | 'videoScan' | 'audioScan'>): { from: number; seconds: number } {
  if (videoScan === null) return { from: 0, seconds };
  const from = Math.max(0, videoScan.start - Math.min(videoScan.start, audioScan?.start ?? videoScan.start));
  return { from, seconds: videoScan.end - videoScan.start };
}
