import type { GenerationPrice } from '@safelight/contract/generation';

import type { GenerationAllowance } from '../lib/context.ts';

export type GeneratedKind = 'image' | 'video';

type GeneratedKindRow = {
  /** One of them, and what they are counted in, in a sentence. */
  one: string;
  countedIn: string;
  /** Below which folder results are kept. */
  folder: string;
  /** How much an owner may have of it a day, and has had. */
  perDay(allowance: GenerationAllowance): number | null;
  used(usage: { images: number; videoSeconds: number }): number;
  priceOfUnit(price: GenerationPrice): number | undefined;
  /** Whether each output is one unit; else what is reserved is of the only output that there is. */
  isCountedByOutput: boolean;
};

/** What differs between pictures and videos that are generated. */
export const generatedKinds = {
  image: {
    one: 'picture',
    countedIn: 'images',
    folder: 'images',
    perDay: ({ imagesPerDay }) => imagesPerDay,
    used: ({ images }) => images,
    priceOfUnit: ({ perImage }) => perImage,
    isCountedByOutput: true,
  },
  video: {
    one: 'video',
    countedIn: 'seconds of video',
    folder: 'videos',
    perDay: ({ videoSecondsPerDay }) => videoSecondsPerDay,
    used: ({ videoSeconds }) => videoSeconds,
    priceOfUnit: ({ perSecond }) => perSecond,
    isCountedByOutput: false,
  },
} as const satisfies Record<GeneratedKind, GeneratedKindRow>;
