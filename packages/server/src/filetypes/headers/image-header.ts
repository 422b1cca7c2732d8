/** How the pixels are coded; decides which decoder is used and what decoding costs. An AV1 sequence is an animated AVIF, with one frame or many. */
export type ImageCodec = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'av1' | 'av1-sequence' | 'hevc' | 'svg' | 'pdf';

/** EXIF orientation: 1 is upright, 5–8 swap the sides. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a picture's header says before any pixel is decoded. A hostile file may claim anything. */
export type ImageHeader = {
  mimeType: string;
  codec: ImageCodec;
  /** As stored, before orientation. */
  storedWidth: number;
  storedHeight: number;
  /** After orientation. */
  width: number;
  height: number;
  /** The rotation that remains after decoding; 1 where the decoder itself turns the picture (HEIF). */
  orientation: Orientation;
  frames: number;
  /** Excludes frames that decoding the still picture skips: an animated PNG counts as one picture. */
  decodableFrames: number;
  hasAlpha: boolean;
  /** Whether the colours are stored multiplied by alpha. */
  isPremultiplied: boolean;
  /** Bits per channel. */
  depth: number;
  /** Channels as stored, alpha included; 1 for grey and for palettes. */
  channels: number;
  colour: 'grey' | 'rgb' | 'cmyk';
  /** Whether the decoder holds the whole picture in memory: progressive JPEG, interlaced PNG. */
  interlaced: boolean;
  /** Passes over the picture; more than one only in a progressive JPEG. */
  scans: number;
  iccProfile: Buffer | null;
  /** CICP colour (primaries, transfer) of HEIF, AVIF and PNG, when there is no ICC profile. */
  cicp: { primaries: number; transfer: number } | null;
  /** The gamma and chromaticities of a PNG, when it has neither a profile nor CICP nor an sRGB chunk. */
  gamma: { exponent: number; chromaticities: Chromaticities | null } | null;
};

/** Points of CIE 1931 xy. */
export type Chromaticities = Record<'white' | 'red' | 'green' | 'blue', readonly [x: number, y: number]>;

/** The header without the profile's bytes: safe to send to another process and to show. */
export type HeaderFacts = Omit<ImageHeader, 'iccProfile'> & { hasProfile: boolean };

type Given = Omit<Partial<ImageHeader>, 'width' | 'height' | 'mimeType' | 'codec'> & Pick<ImageHeader, 'mimeType' | 'codec' | 'storedWidth' | 'storedHeight'>;

/** Fills in the usual values and swaps the sides of a picture that is stored on its side. */
export function imageHeader(given: Given): ImageHeader {
  const orientation = given.orientation ?? 1;
  const isTurned = orientation >= 5;
  const frames = given.frames ?? 1;
  return {
    frames,
    decodableFrames: frames,
    hasAlpha: false,
    isPremultiplied: false,
    depth: 8,
    channels: 3,
    colour: 'rgb',
    interlaced: false,
    scans: 1,
    iccProfile: null,
    cicp: null,
    gamma: null,
    ...given,
    orientation,
    width: isTurned ? given.storedHeight : given.storedWidth,
    height: isTurned ? given.storedWidth : given.storedHeight,
  };
}
