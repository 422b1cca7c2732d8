/** How the pixels are coded; decides which decoder is asked and what it will cost. */
export type ImageCodec = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'av1' | 'hevc' | 'svg' | 'pdf';

/** EXIF orientation: 1 is upright, 5–8 swap the sides. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a picture announces about itself before any pixel is decoded. A hostile file announces what it likes. */
export type ImageHeader = {
  mimeType: string;
  codec: ImageCodec;
  /** As stored, before orientation. */
  storedWidth: number;
  storedHeight: number;
  /** Upright. */
  width: number;
  height: number;
  /** What remains to be applied after the decoder; 1 where the decoder itself turns the picture (HEIF). */
  orientation: Orientation;
  frames: number;
  /** Frames that a decode of the still picture leaves out are not counted here: an animated PNG has one picture for us. */
  decodableFrames: number;
  hasAlpha: boolean;
  /** The colours are stored multiplied by how opaque they are. */
  isPremultiplied: boolean;
  /** Bits of one channel. */
  depth: number;
  /** Channels as stored, alpha included; 1 for grey and for palettes. */
  channels: number;
  colour: 'grey' | 'rgb' | 'cmyk';
  /** Kept whole in memory by the decoder: progressive JPEG, interlaced PNG. */
  interlaced: boolean;
  /** Passes over the picture; more than one only in progressive JPEG. */
  scans: number;
  iccProfile: Buffer | null;
  /** CICP colour of HEIF, AVIF and PNG where no ICC profile speaks: primaries, transfer. */
  cicp: { primaries: number; transfer: number } | null;
  /** What a PNG says of its colours by a gamma, where neither profile nor CICP nor "sRGB" speaks. */
  gamma: { exponent: number; chromaticities: Chromaticities | null } | null;
};

/** Points of CIE 1931 xy. */
export type Chromaticities = Record<'white' | 'red' | 'green' | 'blue', readonly [x: number, y: number]>;

/** The header without the profile's bytes: what may cross to another process and be shown. */
export type HeaderFacts = Omit<ImageHeader, 'iccProfile'> & { hasProfile: boolean };

type Given = Omit<Partial<ImageHeader>, 'width' | 'height' | 'mimeType' | 'codec'> & Pick<ImageHeader, 'mimeType' | 'codec' | 'storedWidth' | 'storedHeight'>;

/** Fills in what most pictures are and turns the sides upright. */
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
