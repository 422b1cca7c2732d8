import type { Context, GenerationAllowance } from '../lib/context.ts';
import type { ProcessingSite } from '../processing/processing-context.ts';
import type { UploadSite } from '../uploads/upload-context.ts';
import type { GenerationCost } from '@safelight/contract/generation';

import type { Prices } from './cost-of.ts';
import type { Generators } from './generator.ts';
import type { PromptModerator } from './prompt-moderator.ts';

export type GenerationSettings = {
  /** Where results go when nobody says. */
  collection: string;
  maxImages: number;
  perOwner: GenerationAllowance;
  prices: Prices;
  /** How long one synchronous answer, and how long a whole operation, is waited for. */
  timeoutSeconds: number;
  deadlineSeconds: number;
  /** With it owners are named to providers, so that nobody else can tell who they are. */
  ownerSecret: string;
  /** Outside production the provider `local` may be told to fail. */
  rehearses: boolean;
};

/** What one that ended came to: for the metrics, so nothing that names anybody. `outcomes` counts its outputs by code; those that were stored by `stored`. */
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
    /** Asked about every prompt before it is sent; null where prompts are not checked. */
    moderatePrompt: PromptModerator | null;
    onGenerated?: ((ended: EndedGeneration) => void) | undefined;
  };

export type GenerationContext = Context<GenerationSite>;
