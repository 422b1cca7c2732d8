import sharp, { type Sharp } from 'sharp';
import type { ImageFacts, ImageJob, ImageOutput, OutputRule } from '../image-rules.ts';
import { asRefusal, decodeAnimation, decodePicture, resizeRaw } from './decode-picture.ts';
import { decoderInput } from './decoder-input.ts';
import { drawWatermark, loadWatermark } from './draw-watermark.ts';
import { encodeAs, type OutputFormat } from './encode.ts';
import { expectedWork } from './expected-seconds.ts';
import { findDominantColour } from './find-dominant-colour.ts';
import { makeThumbHash } from './make-thumb-hash.ts';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import { withPixelMemory, type PixelMemory } from './pixels/pixel-memory.ts';
import { planOutputs, sizeWithin, type OutputStep } from './plan-outputs.ts';
import { sharpOfRaw, toRawPicture, type RawPicture } from './raw-picture.ts';
import { markEncoded, markPicture, type Mark } from './mark-picture.ts';
import { readCopyright, type Copyright } from './read-copyright.ts';
import { readDigitalSource } from './read-digital-source.ts';

export type Emit = {
  /** Resolves when the next output may be made, so that the receiver keeps up. */
  output(output: ImageOutput): Promise<void>;
  progress(fraction: number, step: string): void;
};

type RenderJob = Omit<ImageJob, 'sourcePath' | 'limits'>;

const blurSide = 16;
/** The time for reading the header and handing over one output, however small the picture. */
const headerSeconds = 0.01;
const stepSeconds = 0.002;

/**
 * Makes every output of a job from one decode: the picture is decoded at the largest size that any output needs, and each smaller one is resized from
 * the next larger. Outputs are emitted from large to small, each as soon as it is encoded. The header must have passed the job's limits. Throws
 * `corrupt_media`, `unsupported_codec` or `resource_limit`.
 */
export async function render(bytes: Buffer, header: ImageHeader, job: RenderJob, emit: Emit): Promise<ImageFacts> {
  return await withPixelMemory((memory) => renderWithin(memory, bytes, header, job, emit));
}

async function renderWithin(memory: PixelMemory, bytes: Buffer, header: ImageHeader, job: RenderJob, emit: Emit): Promise<ImageFacts> {
  const plan = planOutputs(header, job.outputs);
  const largestStill = plan.find((step) => !step.isAnimated)?.whole ?? sizeWithin(header, blurSide * 10);

  // Steps are weighted by their expected time for such a picture and reported when they are done. Decoders report no progress of their own (libheif's
  // WASM takes no callback), so a decode is one step however long it is.
  const work = expectedWork(header, plan);
  const totalWork = headerSeconds + work.outputs.reduce((sum, seconds) => sum + seconds + stepSeconds, work.decode);
  let doneWork = 0;
  const advance = (work: number, step: string): void => {
    doneWork += work;
    emit.progress(doneWork / totalWork, step);
  };

  advance(headerSeconds, 'header');
  const digitalSource = job.digitalSource ?? readDigitalSource(bytes);
  const mark: Mark = { copyright: job.keepCopyright === true ? await copyrightOf(bytes, header) : null, digitalSource };

  const watermark = job.watermark === undefined ? null : await loadWatermark(job.watermark);
  let current = await decodePicture(bytes, header, largestStill, memory);
  advance(work.decode, 'decode');
  // For a small picture several roles have the same pixels; with the same settings they are encoded once.
  const madeBefore = new Map<string, Buffer>();
  for (const [i, step] of plan.entries()) {
    const { rule, format, whole, area, isAnimated } = step;
    const settings = JSON.stringify([format, rule.quality, rule.effort, whole, area, step.byAttention, isAnimated]);
    let made = madeBefore.get(settings);
    if (made === undefined && isAnimated && watermark === null) made = await encodeAnimation(bytes, header, rule, format, whole, mark);
    if (made === undefined) {
      if (whole.width < current.width || whole.height < current.height) current = await resizeRaw(current, whole, memory);
      const kept = keepArea(current, step);
      const drawn = watermark === null ? kept : sharpOfRaw(await drawWatermark(await toRawPicture(kept), watermark));
      made = await encodeAs(markPicture(drawn, format, mark), format, rule, current.channels === 4).toBuffer();
    }
    if (!madeBefore.has(settings)) made = markEncoded(made, format, mark);
    madeBefore.set(settings, made);
    await emit.output({ role: rule.role, mimeType: `image/${format}`, width: area.width, height: area.height, bytes: made });
    advance((work.outputs[i] ?? 0) + stepSeconds, rule.role);
  }

  return {
    mimeType: header.mimeType,
    width: header.width,
    height: header.height,
    frames: header.frames,
    hasAlpha: header.hasAlpha,
    blurDataURL: job.blur ? await makeBlur(current) : null,
    dominantColour: job.dominantColour === true ? await findDominantColour(current, memory) : null,
    thumbHash: job.thumbHash === true ? await makeThumbHash(current, memory) : null,
    digitalSource,
  };
}

async function copyrightOf(bytes: Buffer, header: ImageHeader): Promise<Copyright | null> {
  const copyright = readCopyright(decoderInput(bytes, header).bytes);
  // The still picture beside a sequence, which has its metadata, need not be there, or whole.
  return await (header.codec === 'av1-sequence' ? copyright.catch(() => null) : copyright);
}

function keepArea(picture: RawPicture, { whole, area, byAttention }: OutputStep): Sharp {
  if (area.width >= whole.width && area.height >= whole.height) return sharpOfRaw(picture);
  // One side fits already, so this only chooses the part to keep.
  if (byAttention) return sharpOfRaw(picture).resize({ width: area.width, height: area.height, fit: 'cover', position: sharp.strategy.attention });
  return sharpOfRaw(picture).extract(area);
}

/** Frames cannot cascade through one raw picture, so an animation is decoded once for each animated output. */
async function encodeAnimation(
  bytes: Buffer,
  header: ImageHeader,
  rule: OutputRule,
  format: OutputFormat,
  size: { width: number; height: number },
  mark: Mark,
): Promise<Buffer> {
  const { pipeline, timing } = header.codec === 'av1-sequence' ? await framesOfSequence(bytes, header, size) : await framesByLibvips(bytes, header, size);
  try {
    return await timed(encodeAs(markPicture(pipeline, format, mark), format, rule, header.hasAlpha), format, timing).toBuffer();
  } catch (cause) {
    throw asRefusal(cause);
  }
}

/** What the encoder is told of the animation; without `loop`, it takes that of the file. */
type Timing = { delay: number[]; loop?: number };

type Frames = { pipeline: Sharp; timing: Timing };

async function framesByLibvips(bytes: Buffer, header: ImageHeader, size: { width: number; height: number }): Promise<Frames> {
  const input = decoderInput(bytes, header);
  const options = { ...input.options, limitInputPixels: header.width * header.height * header.decodableFrames, animated: true };
  try {
    const { delay = [] } = await sharp(input.bytes, { animated: true, limitInputPixels: false }).metadata();
    return { pipeline: sharp(input.bytes, options).resize({ ...size, fit: 'fill' }), timing: { delay } };
  } catch (cause) {
    throw asRefusal(cause);
  }
}

async function framesOfSequence(bytes: Buffer, header: ImageHeader, size: { width: number; height: number }): Promise<Frames> {
  // Not in the memory of the still picture, which other outputs need.
  const { strip, pageHeight, delays, plays } = await withPixelMemory((memory) => decodeAnimation(bytes, header, size, memory));
  const { data, width, height, channels } = strip;
  return { pipeline: sharp(data, { raw: { width, height, channels, pageHeight }, limitInputPixels: false }), timing: { delay: delays, loop: plays } };
}

/** Browsers show a frame with no delay, or nearly none, for a tenth of a second; the animation is written as they show it. */
function timed(encoding: Sharp, format: OutputFormat, { delay, loop }: Timing): Sharp {
  if (loop === undefined && delay.every((ms) => ms > 10)) return encoding;
  const shown = { delay: delay.map((ms) => (ms > 10 ? ms : 100)), ...(loop === undefined ? {} : { loop }) };
  return format === 'gif' ? encoding.gif(shown) : encoding.webp(shown);
}

/** The tiny picture shown while the real one loads: small enough to be part of the record. */
async function makeBlur(smallest: RawPicture): Promise<string> {
  const webp = await sharpOfRaw(smallest)
    .resize({ ...sizeWithin(smallest, blurSide), fit: 'fill' })
    .webp({ quality: 40, effort: 4, alphaQuality: 40 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
