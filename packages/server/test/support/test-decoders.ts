import { afterAll } from 'vitest';

import { openDecoderPool, type DecoderPool, type DecoderPoolOptions } from '../../src/processing/image/decoder-pool.ts';

/** Decoders for a test file or group, one by default; they end with it. */
export function testDecoders(options: Partial<DecoderPoolOptions> = {}): DecoderPool {
  const decoders = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 30_000, ...options });
  afterAll(async () => await decoders.close());
  return decoders;
}
