import type { MediaRules } from './api.ts';
import { describeBytes } from './describe-bytes.ts';
import { describeType } from './describe-type.ts';
import type { ErrorCode } from './errors.ts';
import { claimedTypeName, typeMatches } from './type-names.ts';

/** What is known about a file so far: a browser knows name, type and size; the server adds what it reads from the bytes. */
export type FileFacts = { type?: string | undefined; bytes?: number | undefined; width?: number; height?: number; durationMs?: number };
export type RuleViolation = { code: ErrorCode; detail: string };

// Types that the collection accepts but this server cannot process are refused later, with their own message, so they are not listed here.
type Limits = 'maxBytes' | 'acceptedTypes' | 'minWidth' | 'minHeight' | 'minAspectRatio' | 'maxAspectRatio' | 'maxMegapixels' | 'maxDurationMs';
type Rules = Pick<MediaRules, Limits> & Partial<Pick<MediaRules, 'unavailableTypes' | 'maxRecordingBytes'>>;

const allowed = ({ acceptedTypes, unavailableTypes = [] }: Rules): string[] =>
  acceptedTypes.filter((type) => !unavailableTypes.some((one) => one.type === type));

/** In bytes where both would be the same in a larger unit. */
function tooLarge(bytes: number, most: number): string {
  const [has, allows] = [describeBytes(bytes), describeBytes(most)];
  const words = has === allows ? [`${bytes} bytes`, `${most} bytes`] : [has, allows];
  return `The file has ${words[0]}; at most ${words[1]} are allowed. Choose a smaller file.`;
}

// A pure function, so that the browser can show the same answer that the server will give.
/** The first reason why a collection's rules refuse a file, cheapest check first. Facts that are not known yet are not checked. */
export function checkMediaRules(rules: Rules, file: FileFacts): RuleViolation | null {
  const { bytes, width, height, durationMs } = file;
  const type = claimedTypeName(file.type);
  if (bytes === 0) return { code: 'empty_file', detail: 'The file has no bytes. Choose a file that is not empty.' };
  // The limit for a recording that this server can process may be below the limit for a file.
  const most = /^(video|audio)\//.test(type ?? '') ? Math.min(rules.maxBytes, rules.maxRecordingBytes ?? Infinity) : rules.maxBytes;
  if (bytes !== undefined && bytes > most) {
    return { code: 'file_too_large', detail: tooLarge(bytes, most) };
  }
  if (type !== undefined && !rules.acceptedTypes.some((accepted) => typeMatches(accepted, type))) {
    return { code: 'unsupported_type', detail: `${describeType(type)} is not accepted here. Allowed: ${allowed(rules).map(describeType).join(', ')}.` };
  }
  if (width !== undefined && height !== undefined) {
    const megapixels = (width * height) / 1e6;
    if (rules.maxMegapixels !== null && megapixels > rules.maxMegapixels) {
      return { code: 'too_many_pixels', detail: `The picture has ${megapixels.toFixed(1)} megapixels; at most ${rules.maxMegapixels} are allowed.` };
    }
    if ((rules.minWidth !== null && width < rules.minWidth) || (rules.minHeight !== null && height < rules.minHeight)) {
      return { code: 'too_small', detail: `The picture is ${width} × ${height} pixels; at least ${rules.minWidth ?? 1} × ${rules.minHeight ?? 1} are needed.` };
    }
    const ratio = width / height;
    if ((rules.minAspectRatio !== null && ratio < rules.minAspectRatio) || (rules.maxAspectRatio !== null && ratio > rules.maxAspectRatio)) {
      return {
        code: 'aspect_ratio_out_of_range',
        detail: `The picture is ${width} × ${height} pixels, ${ratio.toFixed(2)} as wide as high; allowed is ${rules.minAspectRatio ?? 0} to ${rules.maxAspectRatio ?? 'any'}. Crop it first.`,
      };
    }
  }
  if (durationMs !== undefined && rules.maxDurationMs !== null && durationMs > rules.maxDurationMs) {
    return {
      code: 'too_long',
      detail: `The recording lasts ${Math.ceil(durationMs / 1000)} s; at most ${Math.floor(rules.maxDurationMs / 1000)} s are allowed.`,
    };
  }
  return null;
}
