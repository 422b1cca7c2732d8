import type { ErrorCode } from '@safelight/contract/errors';
import type { DigitalSource } from '@safelight/contract/generation';

/** What to make from one picture, and what to refuse. Plain data: it is sent to the decoder process as it is. */
export type ImageJob = {
  /** A local file with the source bytes. */
  sourcePath: string;
  limits: ImageLimits;
  outputs: OutputRule[];
  /** Make the 16-pixel WebP data URL that is shown while the picture loads. */
  blur: boolean;
  dominantColour?: boolean;
  thumbHash?: boolean;
  /** Outputs name artist and copyright holder as the source does; otherwise they carry no metadata at all. */
  keepCopyright?: boolean;
  /** Drawn over every output: a text, or the picture in a local file. */
  watermark?: WatermarkRule;
  /** What outputs declare about the picture's origin; by default, what the source declares. */
  digitalSource?: DigitalSource;
};

/** Checked against the header, before any pixel is decoded. An absent limit means none. */
export type ImageLimits = {
  acceptedTypes: readonly string[];
  maxPixels: number;
  maxFrames: number;
  maxTotalPixels: number;
  minWidth?: number;
  minHeight?: number;
  minAspectRatio?: number;
  maxAspectRatio?: number;
};

export type OutputRule = {
  role: string;
  /** The longest side of the output in pixels; smaller pictures are never enlarged. */
  maxSide: number;
  /** A limit relative to the longer side of the source. */
  maxShare?: number;
  /** `source`: the format that was uploaded. */
  format: 'source' | 'webp' | 'jpeg' | 'png' | 'avif';
  quality: number;
  effort?: number;
  /**
   * Keep only a part with these proportions (width by height), as close around the focal point as the edges allow (0–1 from the left and the top).
   * Without one the part is the middle, or what draws attention: skin, saturated colours, detail.
   */
  crop?: { aspectRatio: number; focalPoint?: FocalPoint; position?: 'attention' | 'centre' };
  /** Keep an animation where the format can; otherwise only its first frame. */
  animated: boolean;
};

export type WatermarkRule = { mark: { text: string } | { path: string }; opacity: number; tile: boolean };

export type FocalPoint = { x: number; y: number };

export const isSamePoint = (a: FocalPoint | null, b: FocalPoint | null): boolean => a?.x === b?.x && a?.y === b?.y;

export type ImageFacts = {
  mimeType: string;
  /** Upright: after EXIF orientation or HEIC rotation. */
  width: number;
  height: number;
  frames: number;
  hasAlpha: boolean;
  blurDataURL: string | null;
  /** The most frequent colour, as `#rrggbb`. */
  dominantColour: string | null;
  /** As base64. */
  thumbHash: string | null;
  /** How the picture was created, if a machine made it. */
  digitalSource: DigitalSource | null;
};

export type ImageOutput = { role: string; mimeType: string; width: number; height: number; bytes: Buffer };

export type DecodeFailure = { code: ErrorCode; detail: string };
