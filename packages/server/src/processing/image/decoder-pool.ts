import { SafelightError } from '../../lib/errors.ts';
import type { ImageFacts, ImageJob, ImageLimits, ImageOutput } from '../image-rules.ts';
import type { ImageCapabilities } from './capabilities.ts';
import type { FromDecoder, ToDecoder } from './decoder-messages.ts';
import { maxOutputsUnderWay } from './decoder-messages.ts';
import { residentBytes, startDecoder, type DecoderProcess, type HowItEnded } from './decoder-process.ts';
import type { HeaderFacts } from '../../filetypes/headers/image-header.ts';
import { openMemoryBudget } from './memory-budget.ts';
import { openPlaces, SlowPicture, slowSeconds } from './slow-pictures.ts';

export type DecoderPoolOptions = {
  /** Decoder processes at most; as many as there are cores. They start when work comes and end after a minute without. */
  size: number;
  /** What all decodes under way may need together, in bytes, by what their headers announce. */
  memoryBudgetBytes: number;
  /** Working time of one picture in milliseconds, waiting for memory or for storage not counted. */
  deadlineMs: number;
  log?: { warn(facts: Record<string, unknown>, message: string): void };
  /** Another entry for the processes, for tests. */
  entry?: URL;
};

export type RunOptions = {
  signal: AbortSignal;
  onHeader?: (header: HeaderFacts) => void;
  /** Called for one output after another; the next but one is not made before this one is done. A rejection ends the run with it. */
  onOutput: (output: ImageOutput) => Promise<void>;
  /** `refuse`: a picture that will keep a decoder busy for long is not begun, and `SlowPicture` is thrown; by default it waits for its turn. */
  slow?: 'refuse';
  /** 0–1 by work really done, and what was just finished: `header`, `decode` or an output's role. */
  onProgress?: (fraction: number, step: string) => void;
};

export type DecoderPool = {
  /**
   * Decodes one picture and hands out its outputs. Throws the refusal of a picture that is damaged, too large or otherwise not allowed.
   * Slow pictures never occupy the last decoder, so whatever comes in numbers leaves one for the others.
   * A picture whose decoder crashed is `corrupt_media`, one that took too long or too much memory `resource_limit`: both are final, since it would do so again.
   */
  run(job: ImageJob, options: RunOptions): Promise<ImageFacts>;
  /** Reads and checks the header only. */
  inspect(path: string, limits: ImageLimits, options: { signal: AbortSignal }): Promise<HeaderFacts>;
  /** What the decoders of this machine can read; starts one when none runs yet. */
  capabilities(options: { signal: AbortSignal }): Promise<ImageCapabilities>;
  status(): { decoders: { pid: number; isBusy: boolean }[]; waiting: number; reservedBytes: number };
  /** Ends every process; work under way fails with `unavailable`. */
  close(): Promise<void>;
};

const idleMs = 60_000;
const watchEveryMs = 50;
/** A decoder this large is replaced once it is idle: WASM memory never shrinks. */
const recycleAboveBytes = 640 << 20;
/** One that has nothing to do keeps no more than this: what it holds for itself counts in nobody's reservation. */
const keptWhileIdleBytes = 200 << 20;
/** What a decoder may grow by over what its picture's header lets expect: twice that, and this. */
const slackBytes = 96 << 20;
/** A decoder that only reads a header needs its file and little more; files are at most a few hundred megabytes. */
const headerLimitBytes = 1 << 30;

type Slot = { decoder: DecoderProcess; isBusy: boolean; idleTimer: NodeJS.Timeout | null };

export function openDecoderPool(options: DecoderPoolOptions): DecoderPool {
  const budget = openMemoryBudget(options.memoryBudgetBytes);
  const slowPlaces = openPlaces(Math.max(1, options.size - 1));
  const slots = new Set<Slot>();
  const waiting: { take: (slot: Slot | null) => void }[] = [];
  const closing = new AbortController();
  const starting = new Set<Promise<DecoderProcess>>();

  /** A free decoder, a new one while there are fewer than `size`, else the next that becomes free. */
  async function acquire(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const free = [...slots].find((slot) => !slot.isBusy && !slot.decoder.hasEnded());
    if (free !== undefined) return occupy(free);
    if (slots.size + starting.size < options.size) return await startSlot();

    const { promise, resolve, reject } = Promise.withResolvers<Slot | null>();
    const entry = { take: resolve };
    const giveUp = (): void => {
      const place = waiting.indexOf(entry);
      if (place >= 0) waiting.splice(place, 1);
      reject(signal.reason);
    };
    waiting.push(entry);
    signal.addEventListener('abort', giveUp, { once: true });
    const slot = await promise.finally(() => signal.removeEventListener('abort', giveUp));
    return slot ?? (await acquire(signal));
  }

  async function startSlot(): Promise<Slot> {
    const start = startDecoder(options.entry);
    starting.add(start);
    try {
      const decoder = await start;
      const slot: Slot = { decoder, isBusy: true, idleTimer: null };
      slots.add(slot);
      void decoder.ended.then(() => {
        slots.delete(slot);
        if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
        // Whoever waits may start a fresh one in its place.
        waiting.shift()?.take(null);
      });
      return slot;
    } catch (cause) {
      waiting.shift()?.take(null);
      throw cause;
    } finally {
      starting.delete(start);
    }
  }

  function occupy(slot: Slot): Slot {
    slot.isBusy = true;
    if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
    slot.idleTimer = null;
    slot.decoder.setBusy(true);
    return slot;
  }

  function release(slot: Slot, rssBytes: number): void {
    slot.decoder.listen(null);
    if (slot.decoder.hasEnded()) return;
    if (rssBytes > recycleAboveBytes || closing.signal.aborted) {
      slot.decoder.kill();
      return;
    }
    const next = waiting.shift();
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

  /** Everything that can end one picture's stay in a decoder comes together here; whichever is first decides, and the decoder is free or dead afterwards. */
  async function converse<Result>(
    callerSignal: AbortSignal,
    work: Extract<ToDecoder, { type: 'start' }>['work'],
    hear: (message: FromDecoder, talk: Talk) => Promise<Result | undefined> | Result | undefined,
  ): Promise<Result> {
    const { signal, unlink } = either(callerSignal, closing.signal);
    const slot = await acquire(signal).catch((cause: unknown) => {
      unlink();
      throw cause;
    });
    if (signal.aborted) {
      unlink();
      release(slot, 0);
      throw signal.reason;
    }
    const { decoder } = slot;
    const over = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const clock = startClock(options.deadlineMs, () => {
      reject(
        new SafelightError(
          'resource_limit',
          `Decoding this picture took longer than ${options.deadlineMs / 1000} seconds. Send it at a smaller size or as an ordinary JPEG.`,
        ),
      );
    });
    let rssBytes = 0;
    let isClean = false;
    const talk: Talk = { send: (message) => decoder.send(message), clock, over: over.signal, allowMemory: (bytes) => watch.allow(bytes) };
    const watch = watchMemory(decoder.pid, (bytes) => {
      reject(
        new SafelightError('resource_limit', 'Decoding this picture needed more memory than it announced. Send it at a smaller size or as an ordinary JPEG.', {
          context: { bytes },
        }),
      );
    });
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    decoder.listen({
      ended: (how) => reject(refusalOfDeath(how)),
      message: (message) => {
        if (message.type === 'done' || message.type === 'failed' || message.type === 'dismissed') {
          isClean = true;
          rssBytes = message.rssBytes;
        }
        if (message.type === 'failed') {
          reject(new SafelightError(message.failure.code, message.failure.detail, { context: { reason: message.reason } }));
          return;
        }
        Promise.resolve(hear(message, talk)).then((result) => {
          if (result !== undefined) resolve(result);
        }, reject);
      },
    });

    // It may have died in the moment in which it was handed over, when nobody listened.
    if (decoder.hasEnded()) reject(refusalOfDeath(await decoder.ended));

    try {
      decoder.send({ type: 'start', work });
      const result = await promise;
      isClean = true;
      return result;
    } catch (cause) {
      if (!isClean && !signal.aborted)
        options.log?.warn({ pid: decoder.pid, cause, work: work.kind }, 'A decoder process was ended before its picture was finished.');
      throw cause;
    } finally {
      over.abort(signal.reason);
      clock.stop();
      watch.stop();
      signal.removeEventListener('abort', onAbort);
      unlink();
      if (!isClean && !decoder.hasEnded()) {
        decoder.setBusy(true);
        decoder.kill();
        await decoder.ended;
      }
      release(slot, rssBytes);
    }
  }

  const dismissed = Symbol('dismissed');
  /** One try at a picture. A slow one that gets no place is dismissed as soon as its header is read. */
  async function tryRun(job: ImageJob, run: RunOptions, takePlace: () => boolean): Promise<ImageFacts | typeof dismissed> {
    const { signal, onHeader, onOutput, onProgress } = run;
    let giveBack: () => void = () => {};
    const stored: Promise<void>[] = [];
    let chain: Promise<void> = Promise.resolve();
    let underWay = 0;
    try {
      return await converse<ImageFacts | typeof dismissed>(signal, { kind: 'render', job }, async (message, talk) => {
        switch (message.type) {
          case 'header':
            if (message.expectedSeconds > slowSeconds && !takePlace()) {
              talk.send({ type: 'dismiss' });
              return undefined;
            }
            onHeader?.(message.header);
            talk.clock.pause();
            giveBack = await budget.reserve(message.expectedBytes, talk.over);
            // Granted in the very moment in which the picture was given up: nobody else would give it back.
            if (talk.over.aborted) giveBack();
            talk.allowMemory(message.expectedBytes * 2 + slackBytes);
            talk.clock.resume();
            talk.send({ type: 'admit' });
            return undefined;
          case 'progress':
            onProgress?.(message.fraction, message.step);
            return undefined;
          case 'output':
            if (++underWay >= maxOutputsUnderWay) talk.clock.pause();
            chain = chain.then(() => onOutput(message.output));
            stored.push(chain);
            await chain;
            underWay--;
            talk.clock.resume();
            talk.send({ type: 'stored' });
            return undefined;
          case 'done':
            await Promise.all(stored);
            return message.facts;
          case 'dismissed':
            return dismissed;
          case 'ready':
          case 'failed':
            return undefined;
          default:
            return message satisfies never;
        }
      });
    } finally {
      giveBack();
      // A failed run must not leave a late output behind that nobody waits for.
      await Promise.allSettled(stored);
    }
  }

  return {
    async run(job, run) {
      let leave: (() => void) | null = null;
      const takePlace = (): boolean => {
        if (run.slow !== 'refuse') leave ??= slowPlaces.tryTake();
        return leave !== null;
      };
      try {
        for (;;) {
          const outcome = await tryRun(job, run, takePlace);
          if (outcome !== dismissed) return outcome;
          if (run.slow === 'refuse') throw new SlowPicture();
          // Its decoder is free for others while it waits.
          const { signal, unlink } = either(run.signal, closing.signal);
          leave = await slowPlaces.take(signal).finally(unlink);
        }
      } finally {
        leave?.();
      }
    },
    inspect: (path, limits, { signal }) =>
      converse<HeaderFacts>(signal, { kind: 'inspect', path, limits }, (message) => (message.type === 'header' ? message.header : undefined)),
    async capabilities({ signal }) {
      const { signal: both, unlink } = either(signal, closing.signal);
      const slot = await acquire(both).finally(unlink);
      release(slot, 0);
      return slot.decoder.capabilities;
    },
    status: () => ({
      decoders: [...slots].map((slot) => ({ pid: slot.decoder.pid, isBusy: slot.isBusy })),
      waiting: waiting.length,
      reservedBytes: budget.reservedBytes(),
    }),
    async close() {
      closing.abort(new SafelightError('unavailable', 'The service is shutting down. Try again in a moment.'));
      const ended = [...slots].map((slot) => {
        slot.decoder.setBusy(true);
        slot.decoder.kill();
        return slot.decoder.ended;
      });
      await Promise.all(ended);
      for (const start of await Promise.allSettled(starting)) {
        if (start.status === 'rejected') continue;
        start.value.kill();
        await start.value.ended;
      }
    },
  };
}

/** Aborts with whichever is first. Unlike `AbortSignal.any` it leaves nothing behind on a signal that lives as long as the pool. */
function either(...signals: AbortSignal[]): { signal: AbortSignal; unlink(): void } {
  const controller = new AbortController();
  const onAbort = (event: Event): void => controller.abort((event.target as AbortSignal).reason);
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', onAbort, { once: true });
  }
  return {
    signal: controller.signal,
    unlink: () => {
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    },
  };
}

/** `over` aborts when the conversation has ended, however it did. */
type Talk = { send(message: ToDecoder): void; clock: Clock; over: AbortSignal; allowMemory(growthBytes: number): void };

type Clock = { pause(): void; resume(): void; stop(): void };

/** A deadline on working time: it stands still while the decoder waits for somebody else. */
function startClock(totalMs: number, onElapsed: () => void): Clock {
  let left = totalMs;
  let since = performance.now();
  let timer: NodeJS.Timeout | null = setTimeout(onElapsed, left);
  let isStopped = false;
  const pause = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    left -= performance.now() - since;
  };
  return {
    pause,
    resume() {
      if (timer !== null || isStopped) return;
      since = performance.now();
      timer = setTimeout(onElapsed, Math.max(0, left));
    },
    stop() {
      pause();
      isStopped = true;
    },
  };
}

/**
 * Looks at the decoder's resident memory from outside, since a decoder busy in a codec cannot look itself. Growth is what counts:
 * what earlier pictures left behind (WASM memory never shrinks) is no fault of this one.
 */
function watchMemory(pid: number, onExceeded: (bytes: number) => void): { allow(growthBytes: number): void; stop(): void } {
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

const crashSignals = new Set<NodeJS.Signals>(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

/** A decoder that ended in the middle of a picture: by its own fault the file is to blame; killed from outside, it was most likely the system running out of memory. */
function refusalOfDeath(how: HowItEnded): SafelightError {
  if (how.signal !== null && crashSignals.has(how.signal) && !/out of memory|allocate/i.test(how.lastWords)) {
    return new SafelightError('corrupt_media', 'The picture is damaged in a way that no decoder survives. Export or save it again and send the new file.', {
      context: how,
    });
  }
  return new SafelightError('resource_limit', 'The decoder of this picture was stopped before it finished. Send it at a smaller size or as an ordinary JPEG.', {
    context: how,
  });
}
