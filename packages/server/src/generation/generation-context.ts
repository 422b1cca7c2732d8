import type { Context, GenerationAllowance } from '../lib/context.ts';
import type { ProcessingSite } from '../processing/processing-context.ts';
import type { UploadSite } from '../uploads/upload-context.ts';
import type { GenerationCost } from '@safelight/contract/generation';

import type { Prices } from './cost-of.ts';
import type { Generators } from './generator.ts';
import type { PromptModerator } from './prompt-moderator.ts';

export type GenerationSettings = {
  /** The default collection for results. */
  collection: string;
  maxImages: number;
  perOwner: GenerationAllowance;
  prices: Prices;
  /** The time limits for one synchronous answer and for a whole operation. */
  timeoutSeconds: number;
  deadlineSeconds: number;
  /** Used to derive the owner names sent to providers, so that nobody else can tell who they are. */
  ownerSecret: string;
  /** Outside production, the provider `local` can simulate failures. */
  rehearses: boolean;
};

/** The outcome of a generation, for the metrics, so it contains nothing personal. `outcomes` counts its outputs by code, stored ones as `stored`. */
export type EndedGeneration = {
  provider: string;
  model: string;
  kind: 'image' | 'video';
  outcome: 'complete' | 'partial' | 'failed' | 'cancelled' | 'unknown';
  outputs: Record<string, number>;
  seconds: number;
  cost: GenerationCost | null;
};

export type GenerationSite = UploadSite &
  ProcessingSite & {
    generators: Generators;
    generation: GenerationSettings;
    /** Asked about every prompt before it is sent; null when prompts are not checked. */
    moderatePrompt: PromptModerator | null;
    onGenerated?: ((ended: EndedGeneration) => void) | undefined;
  };

export type GenerationContext = Context<GenerationSite>;
