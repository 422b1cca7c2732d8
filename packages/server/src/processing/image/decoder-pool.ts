import { shuttingDown } from '../../lib/errors.ts';
import type { HeaderFacts } from '../../filetypes/headers/image-header.ts';
import type { ImageFacts, ImageJob, ImageLimits } from '../image-rules.ts';
import type { ImageCapabilities } from './capabilities.ts';
import { converse } from './converse.ts';
import { DecoderSlots } from './decoder-slots.ts';
import { eitherSignal } from './either-signal.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { createPlaces, SlowPicture } from './slow-pictures.ts';
import { dismissed, tryRender, type RunOptions } from './try-render.ts';

export type DecoderPoolOptions = {
  /** The most decoder processes, one per core. They start on demand and end after a minute without work. */
  size: number;
  /** The memory for all running decodes together, in bytes, estimated from their headers, and for what large idle decoders hold. */
  memoryBudgetBytes: number;
  /** Working time per picture in milliseconds; waiting for memory or storage does not count. */
  deadlineMs: number;
  log?: { warn(facts: Record<string, unknown>, message: string): void };
  /** Another process entry, for tests. */
  entry?: URL;
};

export type DecoderPool = {
  /**
   * Decodes one picture and passes on its outputs. Throws the refusal of a picture that is damaged, too large or otherwise not allowed. Slow pictures
   * never occupy the last decoder, so many of them leave one for other pictures. A picture that crashed its decoder is `corrupt_media`, one that took
   * too much time or memory `resource_limit`: both are final, since it would happen again.
   */
  run(job: ImageJob, options: RunOptions): Promise<ImageFacts>;
  /** Reads and checks the header only. */
  inspect(path: string, limits: ImageLimits, options: { signal: AbortSignal }): Promise<HeaderFacts>;
  /** What the decoders of this machine can read; starts one if none is running. */
  capabilities(options: { signal: AbortSignal }): Promise<ImageCapabilities>;
  /** `reservedBytes`: for pictures that are being decoded; `keptBytes`: for idle decoders that are large, until a picture needs it. */
  status(): { decoders: { pid: number; isBusy: boolean }[]; waiting: number; reservedBytes: number; keptBytes: number };
  /** Ends every process; running work fails with `unavailable`. */
  close(): Promise<void>;
};

export function openDecoderPool({ size, memoryBudgetBytes, deadlineMs, log, entry }: DecoderPoolOptions): DecoderPool {
  const closing = new AbortController();
  const budget = createMemoryBudget(memoryBudgetBytes);
  const slots = new DecoderSlots({ size, budget, entry });
  const slowPlaces = createPlaces(Math.max(1, size - 1));
  const options = { slots, deadlineMs, closing: closing.signal, log };
  return {
    async run(job, run) {
      let leave: (() => void) | null = null;
      const takeSlowPlace = (): boolean => {
        if (run.slow !== 'refuse') leave ??= slowPlaces.tryTake();
        return leave !== null;
      };
      try {
        for (;;) {
          const outcome = await tryRender({ ...options, budget, takeSlowPlace }, job, run);
          if (outcome !== dismissed) return outcome;
          if (run.slow === 'refuse') throw new SlowPicture();
          // Others may use its decoder while it waits.
          const { signal, unlink } = eitherSignal(run.signal, closing.signal);
          leave = await slowPlaces.take(signal).finally(unlink);
        }
      } finally {
        leave?.();
      }
    },
    inspect: async (path, limits, { signal }) =>
      await converse<HeaderFacts>(options, signal, {
        work: { kind: 'inspect', path, limits },
        hear: (message) => (message.type === 'header' ? message.header : undefined),
      }),
    async capabilities({ signal }) {
      const { signal: both, unlink } = eitherSignal(signal, closing.signal);
      const slot = await slots.acquire(both).finally(unlink);
      slots.release(slot, null);
      return slot.decoder.capabilities;
    },
    status: () => ({ ...slots.status(), reservedBytes: budget.reservedBytes(), keptBytes: budget.keptBytes() }),
    async close() {
      closing.abort(shuttingDown());
      await slots.close();
    },
  };
}
