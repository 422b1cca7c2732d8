import { SafelightError } from '../../lib/errors.ts';

/** How the samples of a TIFF are laid out, according to its first directory. */
export type TiffLayout = {
  compression: number;
  photometric: number;
  /** Per channel. */
  bits: readonly number[];
  /** Of the first channel: 1 is unsigned integers, 2 signed ones, 3 floats, 4 unknown. */
  sampleFormat: number;
  samples: number;
  isPlanar: boolean;
  isTiled: boolean;
  /** Whether chroma has a lower resolution than luma. */
  isSubsampled: boolean;
  inkSet: number;
};

/** TIFF is a family of formats. Its library is built without some compressions, and decodes some layouts wrongly without an error. */
const packings: Record<number, string> = {
  6: 'as JPEG of the old style',
  32_771: 'as CCITT words',
  32_809: 'by ThunderScan',
  34_676: 'as LogLuv',
  34_677: 'as LogLuv',
  34_712: 'as JPEG 2000',
  34_887: 'by LERC',
  34_925: 'by LZMA',
  50_000: 'by Zstandard',
  50_002: 'as JPEG XL',
};
const readPackings = new Set([1, 2, 3, 4, 5, 7, 8, 32_773, 32_946, 50_001]);
const mostChannels = 5;
const asJpeg = 7;

/**
 * Refuses, and names the missing feature, any layout that the decoder would call damaged or show with wrong colours: the header must accept nothing
 * that the decoder cannot read. `variants.thorough.test.ts` compares both with the written pixels.
 */
export function refuseUnreadTiff(layout: TiffLayout): void {
  const why = whyUnread(layout);
  if (why === null) return;
  throw new SafelightError(
    'unsupported_codec',
    `This TIFF ${why}, which is not read here. Save it with 8 or 16 bits a channel and LZW or no compression, or as PNG or JPEG.`,
  );
}

function whyUnread({ compression, bits, sampleFormat, samples, isPlanar, isTiled, ...layout }: TiffLayout): string | null {
  if (!readPackings.has(compression)) return `is packed ${packings[compression] ?? `in a way of its own (${compression})`}`;
  if (isPlanar && isTiled) return 'has tiles for each channel apart';
  if (isPlanar && samples > 1 && layout.photometric < 2) return 'has grey and transparency apart';
  if (samples > mostChannels) return `has ${samples} channels`;
  const [depth = 1] = bits;
  if (bits.some((other) => other !== depth)) return `has channels of different depths (${bits.join(', ')} bits)`;
  const isFloat = sampleFormat === 3;
  if (!isFloat && sampleFormat !== 1 && sampleFormat !== 4) return 'has signed or complex samples';
  const colours = coloursOf({ compression, ...layout });
  if (typeof colours === 'string') return colours;
  const depths = isFloat ? colours.floats : samples > 1 ? colours.depths.filter((one) => one >= 8) : colours.depths;
  return depths.includes(depth) ? null : `has ${depth} bits a channel${isFloat ? ' of floating point' : ''}`;
}

type Colours = { depths: readonly number[]; floats: readonly number[] };

/** The bit depths that are read correctly for a colour layout, or why the layout is not supported. */
function coloursOf({
  compression,
  photometric,
  isSubsampled,
  inkSet,
}: Omit<TiffLayout, 'bits' | 'sampleFormat' | 'samples' | 'isPlanar' | 'isTiled'>): Colours | string {
  switch (photometric) {
    case 0:
      return { depths: [1, 8, 16], floats: [] };
    case 1:
      return { depths: [1, 2, 4, 8, 16], floats: [] };
    case 2:
      return { depths: [8, 16], floats: [16, 32] };
    case 3:
      return { depths: [1, 2, 4, 8], floats: [] };
    case 5:
      return inkSet === 1 ? { depths: [8, 16], floats: [] } : 'has inks other than those of CMYK';
    case 6:
      return compression === asJpeg || isSubsampled ? { depths: [8], floats: [] } : 'has YCbCr colours of full resolution';
    case 8:
      return { depths: [16], floats: [] };
    default:
      return `has colours of a kind of its own (photometric interpretation ${photometric})`;
  }
}
