import { assertKey } from './assert-key.ts';
import type { DeleteResult } from './store.ts';

/** Splits keys for a batched delete: impossible keys fail by themselves, the others go in batches, each key once. */
export function splitKeys(keys: readonly string[], batchSize: number): { batches: string[][]; failed: DeleteResult['failed'] } {
  const failed: DeleteResult['failed'] = [];
  const good = [...new Set(keys)].filter((key) => {
    try {
      assertKey(key);
      return true;
    } catch (error) {
      failed.push({ key, reason: error instanceof Error ? error.message : String(error) });
      return false;
    }
  });
  const batches: string[][] = [];
  for (let start = 0; start < good.length; start += batchSize) batches.push(good.slice(start, start + batchSize));
  return { batches, failed };
}
