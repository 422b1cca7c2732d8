/** The totals of one track's packets. Times are seconds. */
export type TrackScan = {
  packets: number;
  bytes: number;
  start: number;
  end: number;
  /** How long the last frame is shown; null when that is unknown. */
  lastDuration: number | null;
  /** The longest time between two packets in display order. */
  largestGap: number;
  /** The longest time between two keyframes. */
  keyframeGap: number;
  /** Packets that an edit list cuts away, and their length: they are in the file all the same. */
  dropped: number;
  droppedSeconds: number;
  /** Decoding times never decrease. */
  isMonotonic: boolean;
};

export const packetEntries = 'packet=stream_index,pts_time,dts_time,duration_time,size,flags';

/**
 * Takes lines of ffprobe's `compact` format and adds up those of packets, in constant memory. `restarts`: the clock of an Ogg begins anew with each
 * recording that was appended to it; players and ffmpeg play one after the other.
 */
export function collectPackets({ restarts = false } = {}): { add(line: string): void; tracks(): ReadonlyMap<number, TrackScan> } {
  const counters = new Map<number, PacketCounter>();
  let before = 0;
  return {
    add(line) {
      if (!line.startsWith('packet|')) return;
      const at = Number(fieldOf(line, 'stream_index') || -1);
      if (at < 0) return;
      let counter = counters.get(at);
      if (counter === undefined) counters.set(at, (counter = countPackets()));
      const dts = numberOf(fieldOf(line, 'dts_time'));
      if (restarts && dts !== null && dts + before < counter.reached() - leapSeconds) before = counter.reached() - dts;
      counter.add({
        pts: later(numberOf(fieldOf(line, 'pts_time')), before),
        dts: later(dts, before),
        duration: numberOf(fieldOf(line, 'duration_time')),
        bytes: Number(fieldOf(line, 'size')) || 0,
        flags: fieldOf(line, 'flags'),
      });
    },
    tracks: () => new Map([...counters].map(([index, counter]) => [index, counter.total()])),
  };
}

/** As ffmpeg does, a smaller step back counts as an error of the clock. */
const leapSeconds = 0.1;
const later = (time: number | null, by: number): number | null => (time === null ? null : time + by);

/** Finds a field by searching the line: a long recording has hundreds of thousands of lines, and splitting them would fill the memory. */
function fieldOf(line: string, name: string): string {
  const begin = line.indexOf(`|${name}=`);
  if (begin < 0) return '';
  const from = begin + name.length + 2;
  const end = line.indexOf('|', from);
  return line.slice(from, end < 0 ? line.length : end);
}

const numberOf = (text: string): number | null => (text === '' || text === 'N/A' ? null : Number(text));

type Packet = { pts: number | null; dts: number | null; duration: number | null; bytes: number; flags: string };
type PacketCounter = { add(packet: Packet): void; /** The end so far. */ reached(): number; total(): TrackScan };

/** Packets come in decoding order; a frame may come a few packets later than its display order, so this many are sorted at a time. */
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

/** Adds up the packets of one track as they come. */
function countPackets(): PacketCounter {
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
    reached: () => scan.end,
    total() {
      show(pending.toSorted((a, b) => a - b));
      if (keyframe !== null) scan.keyframeGap = Math.max(scan.keyframeGap, scan.end - keyframe);
      if (!Number.isFinite(scan.start)) return { ...scan, start: 0, end: 0 };
      if (scan.lastDuration !== null) return scan;
      // Then the last frame gets the average duration.
      const lastDuration = (scan.end - scan.start) / Math.max(1, scan.packets - scan.dropped - 1);
      return { ...scan, lastDuration, end: scan.end + lastDuration };
    },
  };
}

/** Average bits per second of a track. */
export const bitrateOf = ({ bytes }: Pick<TrackScan, 'bytes'>, seconds: number): number => (seconds > 0 ? Math.round((bytes * 8) / seconds) : 0);
