import type { GenerationPrice } from '@safelight/contract/generation';

import type { GenerationAllowance } from '../lib/context.ts';

export type GeneratedKind = 'image' | 'video';

type GeneratedKindRow = {
  /** The unit in sentences. */
  one: string;
  countedIn: string;
  /** The folder for results. */
  folder: string;
  /** An owner's daily allowance, and how much of it is used. */
  perDay(allowance: GenerationAllowance): number | null;
  used(usage: { images: number; videoSeconds: number }): number;
  priceOfUnit(price: GenerationPrice): number | undefined;
  /** Whether each output is one unit; otherwise the reservation belongs to the only output. */
  isCountedByOutput: boolean;
};

/** The differences between generated pictures and videos. */
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
