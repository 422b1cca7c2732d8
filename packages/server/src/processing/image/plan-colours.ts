import { conversionOfGamma } from './conversion-of-gamma.ts';
import { conversionOfPrimaries, conversionOfProfile, isWithinTable, type MatrixConversion } from './convert-matrix.ts';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import { isSrgbMatrix } from './is-srgb-profile.ts';
import { readMatrixProfile } from './read-matrix-profile.ts';
import { needsToneMapping } from './tone-map.ts';

/** How a picture's colours become sRGB. */
export type ColourPlan =
  /** They are sRGB, or nothing says otherwise. */
  | { how: 'none' }
  /** By our code, after the resize: CMYK without a profile. */
  | { how: 'inks' }
  /** By our code, after the resize. */
  | { how: 'matrix'; conversion: MatrixConversion }
  /** By the colour engine, after the resize: RGB profiles with tables. */
  | { how: 'engine'; profile: Buffer }
  /** By the decoder's library before the resize: CMYK, grey and broken profiles. */
  | { how: 'decoder' }
  /** By our code, after the resize, from 16 bits: PQ, HLG and linear light. */
  | { how: 'tone-map'; primaries: number; transfer: number };

/** Conversion costs more per pixel than anything else, so it follows the resize wherever the result is the same, and is skipped for sRGB. */
export function planColours({ colour, iccProfile, cicp, gamma }: ImageHeader): ColourPlan {
  if (gamma !== null) {
    const conversion = conversionOfGamma(gamma);
    return conversion === null ? { how: 'none' } : { how: 'matrix', conversion };
  }
  if (colour === 'cmyk' && iccProfile === null) return { how: 'inks' };
  if (colour !== 'rgb') return { how: 'decoder' };
  if (iccProfile !== null) {
    const matrix = readMatrixProfile(iccProfile);
    if (matrix !== null && isSrgbMatrix(matrix)) return { how: 'none' };
    const conversion = matrix === null ? null : conversionOfProfile(matrix);
    if (conversion !== null && isWithinTable(conversion.toLinearSrgb)) return { how: 'matrix', conversion };
    const isRgb = iccProfile.length > 128 && iccProfile.toString('latin1', 16, 20) === 'RGB ' && iccProfile.toString('latin1', 36, 40) === 'acsp';
    return isRgb ? { how: 'engine', profile: iccProfile } : { how: 'decoder' };
  }
  if (cicp === null) return { how: 'none' };
  if (needsToneMapping(cicp.transfer)) return { how: 'tone-map', ...cicp };
  const conversion = conversionOfPrimaries(cicp.primaries);
  return conversion === null ? { how: 'none' } : { how: 'matrix', conversion };
}
