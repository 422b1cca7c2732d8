import type { Engine } from './engine.ts';
import { openingOf } from './arguments.ts';
import { readingLimits, type ProbeInput } from './probe.ts';
import { damagedRecording } from './damaged-recording.ts';
import { EngineRefusal, runEngine } from './run-engine.ts';

/** What the packets of one track say. Times are seconds. */
export type TrackScan = {
  packets: number;
  bytes: number;
  start: number;
  end: number;
  /** How long the last frame is shown; null where nothing says so. */
  lastDuration: number | null;
  /** The longest time between two packets that are shown one after the other. */
  largestGap: number;
  /** The longest time between two frames that stand for themselves. */
  keyframeGap: number;
  /** What an edit list cuts away, and its length: it lies in the file all the same. */
  dropped: number;
  droppedSeconds: number;
  /** Decoding times only grow. */
  isMonotonic: boolean;
};

export type Scan = { tracks: ReadonlyMap<number, TrackScan> };

const columns = ['stream_index', 'pts_time', 'dts_time', 'duration_time', 'size', 'flags'];

/** Reads the times of all packets, in constant memory and without decoding one: the only truth about how long a recording is. */
export async function scanPackets(engine: Engine, { directory, name, demuxer, signal }: ProbeInput): Promise<Scan> {
  const counters = new Map<number, Counter>();
  let rest = '';
  const read = (line: string): void => {
    const [index, pts, dts, duration, size, flags] = line.split(',');
    const at = Number(index);
    if (flags === undefined || !Number.isInteger(at)) return;
    let counter = counters.get(at);
    if (counter === undefined) counters.set(at, (counter = countPackets()));
    counter.add({ pts: numberOf(pts), dts: numberOf(dts), duration: numberOf(duration), bytes: Number(size) || 0, flags });
  };
  try {
    await runEngine(engine, {
      program: 'ffprobe',
      args: ['-v', 'error', '-show_entries', `packet=${columns.join(',')}`, '-of', 'csv=p=0', ...openingOf(demuxer, name)],
      directory,
      limits: readingLimits,
      signal,
      onData(chunk) {
        const lines = (rest + chunk.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) read(line);
      },
    });
  } catch (cause) {
    throw cause instanceof EngineRefusal ? damagedRecording('its packets cannot be read', cause) : cause;
  }
  if (rest !== '') read(rest);
  return { tracks: new Map([...counters].map(([index, counter]) => [index, counter.total()])) };
}

const numberOf = (text: string | undefined): number | null => (text === undefined || text === '' || text === 'N/A' ? null : Number(text));

type Packet = { pts: number | null; dts: number | null; duration: number | null; bytes: number; flags: string };
type Counter = { add(packet: Packet): void; total(): TrackScan };

/** Packets come in the order of decoding; frames that are shown earlier come a few packets late, so that many are put into order at a time. */
const reordered = 64;

const nothingYet: TrackScan = {
  packets: 0,
  bytes: 0,
  start: Infinity,
  end: -Infinity,
  lastDuration: null,
  largestGap: 0,
  keyframeGap: 0,
  dropped: 0,
  droppedSeconds: 0,
  isMonotonic: true,
};

function countPackets(): Counter {
  const scan: TrackScan = { ...nothingYet };
  let pending: number[] = [];
  let shown: number | null = null;
  let keyframe: number | null = null;
  let decoded = -Infinity;
  const show = (times: number[]): void => {
    for (const time of times) {
      if (shown !== null) scan.largestGap = Math.max(scan.largestGap, time - shown);
      shown = Math.max(shown ?? time, time);
    }
  };
  return {
    add({ pts, dts, duration, bytes, flags }) {
      scan.packets++;
      scan.bytes += bytes;
      if (dts !== null) {
        if (dts < decoded) scan.isMonotonic = false;
        decoded = dts;
      }
      const time = pts ?? dts;
      if (flags.includes('D')) {
        scan.dropped++;
        scan.droppedSeconds += duration ?? 0;
        return;
      }
      if (time === null) return;
      scan.start = Math.min(scan.start, time);
      if (time + (duration ?? 0) > scan.end) {
        scan.end = time + (duration ?? 0);
        scan.lastDuration = duration;
      }
      if (flags.includes('K')) {
        if (keyframe !== null) scan.keyframeGap = Math.max(scan.keyframeGap, time - keyframe);
        keyframe = time;
      }
      pending.push(time);
      if (pending.length < reordered * 2) return;
      const ordered = pending.toSorted((a, b) => a - b);
      show(ordered.slice(0, reordered));
      pending = ordered.slice(reordered);
    },
    total() {
      show(pending.toSorted((a, b) => a - b));
      if (keyframe !== null) scan.keyframeGap = Math.max(scan.keyframeGap, scan.end - keyframe);
      if (!Number.isFinite(scan.start)) return { ...scan, start: 0, end: 0 };
      if (scan.lastDuration !== null) return scan;
      // Then it is shown as long as the others are.
      const lastDuration = (scan.end - scan.start) / Math.max(1, scan.packets - scan.dropped - 1);
      return { ...scan, lastDuration, end: scan.end + lastDuration };
    },
  };
}

/** Bits a second of a track, on the average. */
export const bitrateOf = ({ bytes }: Pick<TrackScan, 'bytes'>, seconds: number): number => (seconds > 0 ? Math.round((bytes * 8) / seconds) : 0);
