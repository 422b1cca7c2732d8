import { startDecoder, type DecoderProcess } from './decoder-process.ts';
import type { MemoryBudget } from './memory-budget.ts';

const idleMs = 60_000;
/** A decoder larger than this is replaced after its picture: WASM memory never shrinks. */
const recycleAboveBytes = 640 << 20;
/** An idle decoder larger than this is ended. */
const keptWhileIdleBytes = 320 << 20;
/** What an idle decoder holds beyond this is reserved from the budget, and it is ended when a picture waits for that. */
const unreservedBytes = 200 << 20;

/** `rssBytes`: its memory after its last picture; `giveBack` releases what is reserved for it while it is idle. */
export type Slot = { decoder: DecoderProcess; isBusy: boolean; idleTimer: NodeJS.Timeout | null; rssBytes: number; giveBack: (() => void) | null };

/**
 * The decoder processes of this machine. A slot serves one picture at a time; its process starts on demand, and ends after a minute without work,
 * when it has grown too large, or when its picture has ended it. When none is free, callers wait in line.
 */
export class DecoderSlots {
  readonly #size: number;
  readonly #entry: URL | undefined;
  readonly #budget: MemoryBudget;
  readonly #slots = new Set<Slot>();
  readonly #waiting: { take: (slot: Slot | null) => void }[] = [];
  readonly #starting = new Set<Promise<DecoderProcess>>();
  #isClosing = false;

  constructor({ size, budget, entry }: { size: number; budget: MemoryBudget; entry?: URL | undefined }) {
    this.#size = size;
    this.#entry = entry;
    this.#budget = budget;
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
      const slot: Slot = { decoder, isBusy: true, idleTimer: null, rssBytes: 0, giveBack: null };
      this.#slots.add(slot);
      void decoder.ended.then(() => {
        this.#slots.delete(slot);
        stopIdling(slot);
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

  /** Passes the decoder to the next caller in line, or lets it idle. `rssBytes` is null when it is not known. */
  release(slot: Slot, rssBytes: number | null): void {
    slot.decoder.listen(null);
    if (slot.decoder.hasEnded()) return;
    slot.rssBytes = rssBytes ?? slot.rssBytes;
    if (slot.rssBytes > recycleAboveBytes || this.#isClosing) {
      slot.decoder.kill();
      return;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.take(slot);
      return;
    }
    const end = (): void => {
      // Nobody may take it while it dies.
      slot.isBusy = true;
      slot.decoder.kill();
    };
    const surplus = slot.rssBytes - unreservedBytes;
    if (surplus > 0) {
      slot.giveBack = slot.rssBytes > keptWhileIdleBytes ? null : this.#budget.keep(surplus, end);
      if (slot.giveBack === null) {
        end();
        return;
      }
    }
    slot.isBusy = false;
    slot.decoder.setBusy(false);
    slot.idleTimer = setTimeout(end, idleMs);
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
  stopIdling(slot);
  slot.decoder.setBusy(true);
  return slot;
}

function stopIdling(slot: Slot): void {
  if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
  slot.idleTimer = null;
  slot.giveBack?.();
  slot.giveBack = null;
}
