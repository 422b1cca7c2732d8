import type { Sharp } from 'sharp';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import type { OutputRule } from '../image-rules.ts';

export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';

/**
 * The format of an output. It depends only on the header, so that names are known before anything is decoded. What cannot be written (HEIC), or is not
 * shown by browsers (TIFF), becomes a JPEG; an animated AVIF that stays animated becomes a WebP; a drawing becomes a PNG, which keeps edges and
 * transparency.
 */
export function outputFormat(rule: Pick<OutputRule, 'format' | 'animated' | 'crop'>, header: FormatFacts): OutputFormat {
  if (rule.format !== 'source') return rule.format;
  if (rule.animated && rule.crop === undefined && isMovingAvif(header)) return 'webp';
  switch (header.mimeType) {
    case 'image/png':
    case 'image/svg+xml':
      return 'png';
    case 'image/webp':
      return 'webp';
    case 'image/gif':
      return 'gif';
    case 'image/avif':
      return 'avif';
    default:
      return 'jpeg';
  }
}

/** What decides the format. */
export type FormatFacts = Pick<ImageHeader, 'mimeType' | 'codec' | 'decodableFrames'>;

const isMovingAvif = ({ codec, decodableFrames }: FormatFacts): boolean => codec === 'av1-sequence' && decodableFrames > 1;

/** Only these formats support animation. */
export const canBeAnimated = (format: OutputFormat): boolean => format === 'gif' || format === 'webp';

/** Each step of effort costs several times the one before. Only an output whose rule asks for AVIF gets more than this; see bench/notebook.md. */
const maxEffortOfSource = 2;

/** Used when the rule sets none. */
const usualEffort = { png: 6, webp: 2, avif: 2, gif: 7 };

/** A rule that keeps the source's format sets its effort for formats in which four is cheap. */
export function avifEffort({ format, effort = usualEffort.avif }: OutputRule): number {
  return format === 'source' ? Math.min(maxEffortOfSource, effort) : effort;
}

export const webpEffort = ({ effort = usualEffort.webp }: OutputRule): number => Math.min(6, effort);

/**
 * Sets the encoder. No metadata is carried over (libvips writes none unless asked), and every option that influences the bytes is set here or by the
 * rule, so that the same pixels and rule give the same bytes on every machine with the same libvips. Formats have different effort scales; for a rule
 * that keeps the source's format, the effort is capped at that format's maximum.
 */
export function encodeAs(pipeline: Sharp, format: OutputFormat, rule: OutputRule, hasAlpha: boolean): Sharp {
  const { quality } = rule;
  switch (format) {
    case 'jpeg':
      // JPEG has no transparency; white is the usual page background.
      return (hasAlpha ? pipeline.flatten({ background: '#ffffff' }) : pipeline).jpeg({
        quality,
        mozjpeg: false,
        chromaSubsampling: '4:2:0',
        optimiseCoding: true,
      });
    case 'png':
      return pipeline.png({ compressionLevel: rule.effort ?? usualEffort.png, adaptiveFiltering: false, palette: false });
    case 'webp':
      return pipeline.webp({ quality, effort: webpEffort(rule) });
    case 'avif':
      return pipeline.avif({ quality, effort: avifEffort(rule), bitdepth: 8 });
    case 'gif':
      return pipeline.gif({ effort: Math.max(1, rule.effort ?? usualEffort.gif) });
    default:
      return format satisfies never;
  }
}
