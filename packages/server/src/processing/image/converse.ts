import { SafelightError } from '../../lib/errors.ts';
import { inChildSpan, keepSpan } from '../../lib/in-span.ts';
import type { FromDecoder, ToDecoder } from './decoder-messages.ts';
import type { DecoderSlots, Slot } from './decoder-slots.ts';
import { eitherSignal } from './either-signal.ts';
import { refusalOfDeath } from './refusal-of-death.ts';
import { watchMemory } from './watch-memory.ts';
import { startWorkingClock, type WorkingClock } from './working-clock.ts';

/** `over` aborts when the conversation has ended, however it did. */
export type Talk = { send(message: ToDecoder): void; clock: WorkingClock; over: AbortSignal; allowMemory(growthBytes: number): void };

export type Conversation<Result> = {
  work: Extract<ToDecoder, { type: 'start' }>['work'];
  /** Handles a message; the first result other than `undefined` ends the conversation. */
  hear(message: FromDecoder, talk: Talk): Promise<Result | undefined> | Result | undefined;
};

export type ConverseOptions = {
  slots: DecoderSlots;
  deadlineMs: number;
  closing: AbortSignal;
  log?: { warn(facts: Record<string, unknown>, message: string): void } | undefined;
};

/** Talks with a decoder about one picture, from the moment one is free until it is free again or dead. */
export async function converse<Result>(options: ConverseOptions, callerSignal: AbortSignal, conversation: Conversation<Result>): Promise<Result> {
  const { signal, unlink } = eitherSignal(callerSignal, options.closing);
  try {
    const slot = await options.slots.acquire(signal);
    if (signal.aborted) {
      options.slots.release(slot, null);
      throw signal.reason;
    }
    return await inChildSpan(
      { name: `decoder ${conversation.work.kind}`, kind: 'internal' },
      async () => await converseWith(slot, signal, options, conversation),
    );
  } finally {
    unlink();
  }
}

/** Everything that can end the work on a picture meets here; the first event decides. */
async function converseWith<Result>(slot: Slot, signal: AbortSignal, options: ConverseOptions, { work, hear }: Conversation<Result>): Promise<Result> {
  const { decoder } = slot;
  const over = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const clock = startWorkingClock(options.deadlineMs, () => reject(tookTooLong(options.deadlineMs)));
  const watch = watchMemory(decoder.pid, (bytes) => reject(tookTooMuch(bytes)));
  const talk: Talk = { send: (message) => decoder.send(message), clock, over: over.signal, allowMemory: (bytes) => watch.allow(bytes) };
  let rssBytes: number | null = null;
  let isClean = false;
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  decoder.listen({
    ended: (how) => reject(refusalOfDeath(how)),
    message: keepSpan((message: FromDecoder) => {
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
    }),
  });
  try {
    // The decoder may have died during the handover, when nobody listened.
    if (decoder.hasEnded()) reject(refusalOfDeath(await decoder.ended));
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
    if (!isClean) await endDecoder(slot);
    options.slots.release(slot, rssBytes);
  }
}

async function endDecoder({ decoder }: Slot): Promise<void> {
  if (decoder.hasEnded()) return;
  decoder.setBusy(true);
  decoder.kill();
  await decoder.ended;
}

const tookTooLong = (deadlineMs: number): SafelightError =>
  new SafelightError(
    'resource_limit',
    `Decoding this picture took longer than ${deadlineMs / 1000} seconds. Send it at a smaller size or as an ordinary JPEG.`,
  );

const tookTooMuch = (bytes: number): SafelightError =>
  new SafelightError('resource_limit', 'Decoding this picture needed more memory than it announced. Send it at a smaller size or as an ordinary JPEG.', {
    context: { bytes },
  });
