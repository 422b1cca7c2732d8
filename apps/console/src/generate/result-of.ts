import type { GenerationCost } from '@safelight/contract/generation';
import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';

export type Result = {
  media: readonly Media[];
  requested: number | null;
  failures: readonly { index: number; code: string; message: string }[];
  cost: GenerationCost | null;
  /** Of a cancelled one. */
  spendingStopped: boolean | null;
};

/** What the result of a generation holds, which the job's own type does not say. */
export function resultOf({ result = {} }: Job): Result {
  const { media = [], requested = null, failures = [], cost = null, spendingStopped = null } = result as Partial<Result>;
  return { media, requested, failures, cost, spendingStopped };
}
