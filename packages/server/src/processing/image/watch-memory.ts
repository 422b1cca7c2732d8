import { residentBytes } from './decoder-process.ts';

const watchEveryMs = 50;
/** A decoder that only reads a header needs its file and little more; files are at most a few hundred megabytes. */
const headerLimitBytes = 1 << 30;

export type MemoryWatch = { allow(growthBytes: number): void; stop(): void };

/**
 * Looks at the decoder's resident memory from outside, since a decoder busy in a codec cannot look itself. Growth is what counts:
 * what earlier pictures left behind (WASM memory never shrinks) is no fault of this one.
 */
export function watchMemory(pid: number, onExceeded: (bytes: number) => void): MemoryWatch {
  let limitBytes = Number.POSITIVE_INFINITY;
  const allow = (growthBytes: number): void => {
    const bytes = residentBytes(pid);
    if (bytes !== null) limitBytes = bytes + growthBytes;
  };
  allow(headerLimitBytes);
  const timer = setInterval(() => {
    const bytes = residentBytes(pid);
    if (bytes !== null && bytes > limitBytes) onExceeded(bytes);
  }, watchEveryMs);
  timer.unref();
  return { allow, stop: () => clearInterval(timer) };
}
