import { startDecoder, type DecoderProcess } from './decoder-process.ts';

const idleMs = 60_000;
/** A decoder larger than this is replaced once it is idle: WASM memory never shrinks. */
const recycleAboveBytes = 640 << 20;
/** An idle decoder larger than this is ended: its memory is in no reservation. */
const keptWhileIdleBytes = 200 << 20;

export type Slot = { decoder: DecoderProcess; isBusy: boolean; idleTimer: NodeJS.Timeout | null };

/**
 * The decoder processes of this machine. A slot serves one picture at a time; its process starts on demand, and ends after a minute without work,
 * when it has grown too large, or when its picture has ended it. When none is free, callers wait in line.
 */
export class DecoderSlots {
  readonly #size: number;
  readonly #entry: URL | undefined;
  readonly #slots = new Set<Slot>();
  readonly #waiting: { take: (slot: Slot | null) => void }[] = [];
  readonly #starting = new Set<Promise<DecoderProcess>>();
  #isClosing = false;

  constructor({ size, entry }: { size: number; entry?: URL | undefined }) {
    this.#size = size;
    this.#entry = entry;
  }

  /** A free decoder, a new one while there are fewer than `size`, else the next one that becomes free. */
  async acquire(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const free = [...this.#slots].find((slot) => !slot.isBusy && !slot.decoder.hasEnded());
    if (free !== undefined) return occupy(free);
    if (this.#slots.size + this.#starting.size < this.#size) return await this.#start();

    const { promise, resolve, reject } = Promise.withResolvers<Slot | null>();
    const waiter = { take: resolve };
    const giveUp = (): void => {
      const place = this.#waiting.indexOf(waiter);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(signal.reason);
    };
    this.#waiting.push(waiter);
    signal.addEventListener('abort', giveUp, { once: true });
    const slot = await promise.finally(() => signal.removeEventListener('abort', giveUp));
    return slot ?? (await this.acquire(signal));
  }

  async #start(): Promise<Slot> {
    const start = startDecoder(this.#entry);
    this.#starting.add(start);
    try {
      const decoder = await start;
      const slot: Slot = { decoder, isBusy: true, idleTimer: null };
      this.#slots.add(slot);
      void decoder.ended.then(() => {
        this.#slots.delete(slot);
        if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
        // A waiting caller may start a fresh one in its place.
        this.#waiting.shift()?.take(null);
      });
      return slot;
    } catch (cause) {
      this.#waiting.shift()?.take(null);
      throw cause;
    } finally {
      this.#starting.delete(start);
    }
  }

  /** Passes the decoder to the next caller in line, or lets it idle. */
  release(slot: Slot, rssBytes: number): void {
    slot.decoder.listen(null);
    if (slot.decoder.hasEnded()) return;
    if (rssBytes > recycleAboveBytes || this.#isClosing) {
      slot.decoder.kill();
      return;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.take(slot);
      return;
    }
    if (rssBytes > keptWhileIdleBytes) {
      slot.decoder.kill();
      return;
    }
    slot.isBusy = false;
    slot.decoder.setBusy(false);
    slot.idleTimer = setTimeout(() => slot.decoder.kill(), idleMs);
    slot.idleTimer.unref();
  }

  status(): { decoders: { pid: number; isBusy: boolean }[]; waiting: number } {
    return { decoders: [...this.#slots].map((slot) => ({ pid: slot.decoder.pid, isBusy: slot.isBusy })), waiting: this.#waiting.length };
  }

  /** Ends every process, including those that are starting. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      [...this.#slots].map(async ({ decoder }) => {
        decoder.setBusy(true);
        decoder.kill();
        await decoder.ended;
      }),
    );
    for (const start of await Promise.allSettled(this.#starting)) {
      if (start.status === 'rejected') continue;
      start.value.kill();
      await start.value.ended;
    }
  }
}

function occupy(slot: Slot): Slot {
  slot.isBusy = true;
  if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
  slot.idleTimer = null;
  slot.decoder.setBusy(true);
  return slot;
}
