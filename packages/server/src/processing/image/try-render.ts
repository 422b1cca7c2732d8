import type { HeaderFacts } from '../../filetypes/headers/image-header.ts';
import type { ImageFacts, ImageJob, ImageOutput } from '../image-rules.ts';
import { converse, type ConverseOptions, type Talk } from './converse.ts';
import { maxOutputsUnderWay, type FromDecoder } from './decoder-messages.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { slowSeconds } from './slow-pictures.ts';

export type RunOptions = {
  signal: AbortSignal;
  onHeader?: (header: HeaderFacts) => void;
  /** Called for one output after another, at most two at a time. A rejection ends the run with its error. */
  onOutput: (output: ImageOutput) => Promise<void>;
  /** `refuse`: throw `SlowPicture` rather than start a slow picture; by default it waits for its turn. */
  slow?: 'refuse';
  /** Progress 0–1 by work done, and the finished step: `header`, `decode` or an output's role. */
  onProgress?: (fraction: number, step: string) => void;
};

/** A decode may grow to twice the memory estimated from its header, plus this. */
const slackBytes = 96 << 20;

export const dismissed = Symbol('dismissed');

export type TryOptions = ConverseOptions & { budget: MemoryBudget; takeSlowPlace: () => boolean };

/** One attempt at a picture. A slow one that gets no place is dismissed as soon as its header is read. */
export async function tryRender(options: TryOptions, job: ImageJob, run: RunOptions): Promise<ImageFacts | typeof dismissed> {
  let giveBack: () => void = () => {};
  const outputs = storeInOrder(run.onOutput);
  const admit = async (header: Extract<FromDecoder, { type: 'header' }>, talk: Talk): Promise<undefined> => {
    run.onHeader?.(header.header);
    talk.clock.pause();
    giveBack = await options.budget.reserve(header.expectedBytes, talk.over);
    // The place was granted just as the picture was given up: nobody else would release it.
    if (talk.over.aborted) giveBack();
    talk.allowMemory(header.expectedBytes * 2 + slackBytes);
    talk.clock.resume();
    talk.send({ type: 'admit' });
  };
  const hear = async (message: FromDecoder, talk: Talk): Promise<ImageFacts | typeof dismissed | undefined> => {
    switch (message.type) {
      case 'header':
        if (message.expectedSeconds <= slowSeconds || options.takeSlowPlace()) return await admit(message, talk);
        talk.send({ type: 'dismiss' });
        return undefined;
      case 'progress':
        run.onProgress?.(message.fraction, message.step);
        return undefined;
      case 'output':
        return await outputs.store(message.output, talk);
      case 'done':
        await outputs.allStored();
        return message.facts;
      case 'dismissed':
        return dismissed;
      case 'ready':
      case 'failed':
        return undefined;
      default:
        return message satisfies never;
    }
  };
  try {
    return await converse(options, run.signal, { work: { kind: 'render', job }, hear });
  } finally {
    giveBack();
    await outputs.allSettled();
  }
}

/** Passes on one output after another; while the maximum is in transit, the decoder waits and its clock stands still. */
function storeInOrder(onOutput: RunOptions['onOutput']) {
  const stored: Promise<void>[] = [];
  let chain: Promise<void> = Promise.resolve();
  let underWay = 0;
  return {
    async store(output: Parameters<RunOptions['onOutput']>[0], talk: Talk): Promise<undefined> {
      if (++underWay >= maxOutputsUnderWay) talk.clock.pause();
      chain = chain.then(() => onOutput(output));
      stored.push(chain);
      await chain;
      underWay--;
      talk.clock.resume();
      talk.send({ type: 'stored' });
    },
    allStored: async () => await Promise.all(stored),
    /** After a failure, waits for late outputs, for which nobody else waits. */
    allSettled: async () => await Promise.allSettled(stored),
  };
}
