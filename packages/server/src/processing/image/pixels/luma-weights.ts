import type { LumaWeights } from './join-planes.ts';

export const unspecifiedMatrix = 2;

/** By CICP's matrix coefficients. The default is BT.601, as in libheif and libavif. */
export const lumaWeightsOfMatrix: Readonly<Record<number, LumaWeights>> = {
  1: { red: 0.2126, blue: 0.0722 },
  [unspecifiedMatrix]: { red: 0.299, blue: 0.114 },
  5: { red: 0.299, blue: 0.114 },
  6: { red: 0.299, blue: 0.114 },
  9: { red: 0.2627, blue: 0.0593 },
};
