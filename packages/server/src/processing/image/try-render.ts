import type { HeaderFacts } from '../../filetypes/headers/image-header.ts';
import type { ImageFacts, ImageJob, ImageOutput } from '../image-rules.ts';
import { converse, type ConverseOptions, type Talk } from './converse.ts';
import { maxOutputsUnderWay, type FromDecoder } from './decoder-messages.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { slowSeconds } from './slow-pictures.ts';

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

/** What a decode may grow by over what its picture's header lets expect: twice that, and this. */
const slackBytes = 96 << 20;

export const dismissed = Symbol('dismissed');

export type TryOptions = ConverseOptions & { budget: MemoryBudget; takePlace: () => boolean };

/** One try at a picture. A slow one that gets no place is dismissed as soon as its header is read. */
export async function tryRender(options: TryOptions, job: ImageJob, run: RunOptions): Promise<ImageFacts | typeof dismissed> {
  let giveBack: () => void = () => {};
  const outputs = storeInOrder(run.onOutput);
  const admit = async (header: Extract<FromDecoder, { type: 'header' }>, talk: Talk): Promise<undefined> => {
    run.onHeader?.(header.header);
    talk.clock.pause();
    giveBack = await options.budget.reserve(header.expectedBytes, talk.over);
    // Granted in the very moment in which the picture was given up: nobody else would give it back.
    if (talk.over.aborted) giveBack();
    talk.allowMemory(header.expectedBytes * 2 + slackBytes);
    talk.clock.resume();
    talk.send({ type: 'admit' });
  };
  const hear = async (message: FromDecoder, talk: Talk): Promise<ImageFacts | typeof dismissed | undefined> => {
    switch (message.type) {
      case 'header':
        if (message.expectedSeconds <= slowSeconds || options.takePlace()) return await admit(message, talk);
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

/** Hands out one output after another; while as many are under way as may be, the decoder waits, and its time stands still. */
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
    /** A failed run must not leave a late output behind that nobody waits for. */
    allSettled: async () => await Promise.allSettled(stored),
  };
}
