import type { ErrorCode } from '@safelight/contract/errors';
import type { DigitalSource } from '@safelight/contract/generation';

/** What to make from one picture, and what to refuse. Plain data: it crosses to the decoder's process as it is. */
export type ImageJob = {
  /** A file on this machine that holds the source bytes. */
  sourcePath: string;
  limits: ImageLimits;
  outputs: OutputRule[];
  /** Make the 16-pixel WebP data URL that stands in while the picture loads. */
  blur: boolean;
  dominantColour?: boolean;
  thumbHash?: boolean;
  /** Outputs name artist and copyright holder as the source does; without it they carry no metadata at all. */
  keepCopyright?: boolean;
  /** Drawn over every output: a text, or the picture in a file on this machine. */
  watermark?: WatermarkRule;
  /** What outputs say of how the picture came to be. Without it, what the source says. */
  digitalSource?: DigitalSource;
};

/** Checked against the header, before any pixel is decoded. Absent means no limit of that kind. */
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
  /** At most so much of the longer side of the source. */
  maxShare?: number;
  /** `source`: the format that was uploaded. */
  format: 'source' | 'webp' | 'jpeg' | 'png' | 'avif';
  quality: number;
  effort?: number;
  /**
   * Keep only a part with these proportions (width by height), as near around the focal point as the edges allow (0–1 from the left and
   * the top). Without one the part is the middle, or what draws attention: skin, saturated colours, detail.
   */
  crop?: { aspectRatio: number; focalPoint?: FocalPoint; position?: 'attention' | 'centre' };
  /** Keep an animation where the format can; otherwise the first frame is the picture. */
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
  /** The colour that most of the picture has, as `#rrggbb`. */
  dominantColour: string | null;
  /** As base64. */
  thumbHash: string | null;
  /** How it came to be, where a machine made it. */
  digitalSource: DigitalSource | null;
};

export type ImageOutput = { role: string; mimeType: string; width: number; height: number; bytes: Buffer };

export type DecodeFailure = { code: ErrorCode; detail: string };
