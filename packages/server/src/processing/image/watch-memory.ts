import { residentBytes } from './decoder-process.ts';

const watchEveryMs = 50;
/** Reading a header takes the file and little more; files are at most a few hundred megabytes. */
const headerLimitBytes = 1 << 30;

export type MemoryWatch = { allow(growthBytes: number): void; stop(): void };

/**
 * Watches the decoder's resident memory from outside, since a busy decoder cannot watch itself. Only growth counts: memory left by earlier pictures
 * (WASM memory never shrinks) is not this one's fault.
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
