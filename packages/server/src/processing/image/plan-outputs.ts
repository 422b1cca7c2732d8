import type { OutputRule } from '../image-rules.ts';
import { canBeAnimated, outputFormat, type OutputFormat } from './encode.ts';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';

export type Size = { width: number; height: number };
export type Area = Size & { left: number; top: number };

/** How one output is made: the whole picture at `whole`, of which `area` is kept; with `byAttention` the pixels decide where that part lies. */
export type OutputStep = { rule: OutputRule; format: OutputFormat; whole: Size; area: Area; byAttention: boolean; isAnimated: boolean };

/** The largest size with the picture's proportions whose longer side is at most `maxSide`; never larger than the picture. */
export function sizeWithin(picture: Size, maxSide: number): Size {
  return scaled(picture, Math.min(1, maxSide / Math.max(picture.width, picture.height)));
}

const scaled = ({ width, height }: Size, scale: number): Size => ({
  width: Math.max(1, Math.round(width * scale)),
  height: Math.max(1, Math.round(height * scale)),
});

/** The limit for the longer side of an output. */
const sideOf = (picture: Size, { maxSide, maxShare = 1 }: OutputRule): number =>
  Math.min(maxSide, Math.max(1, Math.floor(maxShare * Math.max(picture.width, picture.height))));

/** The steps of the cascade: each needs the whole picture no larger than the step before it had it. */
export function planOutputs(header: ImageHeader, rules: readonly OutputRule[]): OutputStep[] {
  const steps = rules.map((rule): OutputStep => {
    const format = outputFormat(rule, header);
    if (rule.crop === undefined) {
      const whole = sizeWithin(header, sideOf(header, rule));
      const isAnimated = rule.animated && header.decodableFrames > 1 && canBeAnimated(format);
      return { rule, format, whole, area: { ...whole, left: 0, top: 0 }, byAttention: false, isAnimated };
    }
    const { aspectRatio, focalPoint = { x: 0.5, y: 0.5 } } = rule.crop;
    const byAttention = rule.crop.position === 'attention' && rule.crop.focalPoint === undefined;
    const cropped = { width: Math.min(header.width, header.height * aspectRatio), height: Math.min(header.height, header.width / aspectRatio) };
    const scale = Math.min(1, sideOf(cropped, rule) / Math.max(cropped.width, cropped.height));
    const whole = scaled(header, scale);
    const size = scaled(cropped, scale);
    const [width, height] = [Math.min(size.width, whole.width), Math.min(size.height, whole.height)];
    const area = { width, height, left: placed(focalPoint.x, width, whole.width), top: placed(focalPoint.y, height, whole.height) };
    // Cropping each frame is not worth its cost: a crop is a still picture.
    return { rule, format, whole, area, byAttention, isAnimated: false };
  });
  return steps.toSorted((a, b) => b.whole.width * b.whole.height - a.whole.width * a.whole.height);
}

/** Where a part begins whose middle is as close to the focal point as the picture's edges allow. */
function placed(focal: number, part: number, whole: number): number {
  return Math.round(Math.min(whole - part, Math.max(0, focal * whole - part / 2)));
}
