import type { DigitalSource } from '@safelight/contract/generation';
import type { PolicyRules } from '@safelight/contract/media-rules';
import { createHash, randomBytes } from 'node:crypto';

import { secondsFrom } from '../lib/clock.ts';
import { newObjectId, newOpaqueToken } from '../lib/ids.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { keepLease } from '../storage/keep-lease.ts';
import { reserveObjects, type Artifact, type Written } from '../storage/ledger.ts';
import { artifactKey } from '../storage/object-key.ts';
import { outputFormat, type FormatFacts } from './image/encode.ts';
import type { FocalPoint, ImageFacts, ImageJob, ImageLimits, ImageOutput, OutputRule } from './image-rules.ts';
import type { ProcessingContext } from './processing-context.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { withWatermark } from './with-watermark.ts';

export type RenderedArtifact = Artifact & Written;
/** `artifacts` are new objects; `same` are roles whose bytes equal the present artifact. */
export type Rendered = { facts: ImageFacts; artifacts: RenderedArtifact[]; same: string[]; focalPoint: FocalPoint | null };
/** An artifact that the asset already has. */
export type PresentArtifact = { role: string; sha256: string | null; mimeType: string | null; width: number | null; height: number | null; layout?: unknown };
export type RenderInput = {
  file: string;
  collection: CollectionConfig;
  /** Null for media accepted earlier: then only the ceilings of the site apply. */
  rules: PolicyRules | null;
  ownerId: string;
  assetId: string;
  /** As sniffed; decides the format, and with it the names, of outputs that keep the source's format. */
  mimeType: string;
  focalPoint: FocalPoint | null;
  /** Null when only the source can tell. */
  digitalSource: DigitalSource | null;
  /** Outputs that equal a present artifact byte for byte are not stored again. */
  present?: readonly PresentArtifact[];
  /** Roles whose outputs are made but not wanted. */
  without?: ReadonlySet<string>;
  /** Do not start slow work: throw `SlowPicture`. */
  slow?: 'refuse';
  onProgress?: (fraction: number, step: string) => void;
};

type ImageRules = NonNullable<CollectionConfig['image']>;

/** Extended while the outputs are made and stored: a row still `writing` after it was left by a crash. */
export const outputLeaseSeconds = 900;
/**
 * Makes a picture's artifacts: inserts all ledger rows before the first byte, and stores each output while the next is being encoded. If anything
 * fails, everything that this call made is given up. The caller binds them to the asset.
 */
export async function renderArtifacts(ctx: ProcessingContext, input: RenderInput): Promise<Rendered> {
  const { collection } = input;
  const { image } = collection;
  if (image === null) throw new Error(`${collection.name} has no image outputs`);
  const store = ctx.site.stores.active('final');
  const planned = planOutputs(ctx, input, image.outputs);
  const artifacts: RenderedArtifact[] = [];
  const same: string[] = [];
  const present = new Map(input.present?.map((artifact) => [artifact.role, artifact]));
  const put = async (output: ImageOutput): Promise<void> => {
    const reservation = planned.of(output.role);
    if (reservation === undefined) throw new Error(`the decoder made an output that nobody asked for: ${output.role}`);
    if (isSame(output, present.get(output.role))) {
      same.push(output.role);
      return;
    }
    if (input.without?.has(output.role) === true) return;
    await planned.reserve(reservation);
    const stored = await store.put(reservation.key, output.bytes, { contentType: output.mimeType, bytes: output.bytes.length, signal: ctx.signal });
    const { mimeType, width, height } = output;
    const { bytes, sha256, crc32 = null } = stored;
    artifacts.push({ ...reservation, token: newOpaqueToken(), bytes, sha256, crc32, mimeType, width, height });
  };
  const endLeases = keepLease(ctx, planned.ids, outputLeaseSeconds);
  try {
    const run = async (watermark: Pick<ImageJob, 'watermark'>): Promise<ImageFacts> =>
      await ctx.site.decoders.run(
        { ...jobOf(ctx, input, image), ...watermark },
        {
          signal: ctx.signal,
          onHeader: planned.name,
          onOutput: put,
          ...(input.slow === undefined ? {} : { slow: input.slow }),
          ...(input.onProgress === undefined ? {} : { onProgress: input.onProgress }),
        },
      );
    const facts = await withWatermark(ctx, image.watermark, run);
    return { facts, artifacts, same, focalPoint: input.focalPoint };
  } catch (error) {
    await planned.discard();
    throw error;
  } finally {
    endLeases();
  }
}

/** Plans the objects of all outputs. Nothing is written before the header has passed the limits: most refusals leave no trace in the ledger. */
function planOutputs(ctx: ProcessingContext, { collection, ownerId, assetId, mimeType, present }: RenderInput, outputs: ImageRules['outputs']) {
  const { provider, location } = ctx.site.stores.active('final');
  const revision = randomBytes(6).toString('hex');
  const ids = new Map(outputs.map(({ role }) => [role, newObjectId()]));
  const all = new Map<string, Written>();
  /** Only an animation can still change the formats, and with them the names. */
  const name = (header: Omit<FormatFacts, 'mimeType'>): void => {
    for (const output of outputs) {
      const format = outputFormat(outputRule(output, null), { ...header, mimeType });
      const key = artifactKey(collection.keyPrefix, ownerId, assetId, revision, output.role, format === 'jpeg' ? 'jpg' : format);
      all.set(output.role, { provider, location, key, id: ids.get(output.role) ?? newObjectId(), role: output.role });
    }
  };
  let reserved: Promise<void> | undefined;
  const reserveNow = async (objects: readonly Written[]): Promise<void> => {
    // Not from the beginning of the work, which may have waited long for a decoder.
    const leaseUntil = secondsFrom(ctx.site.clock.now(), outputLeaseSeconds);
    await reserveObjects(
      ctx.site.db,
      objects.map((object) => ({ ...object, leaseUntil })),
    );
  };
  return {
    ids: [...ids.values()],
    name,
    of: (role: string) => all.get(role),
    async reserve(object: Written): Promise<void> {
      if (present === undefined) return await (reserved ??= reserveNow([...all.values()]));
      // Most outputs will turn out to exist already.
      reserved = reserveNow([object]);
      await reserved;
    },
    async discard(): Promise<void> {
      if (reserved !== undefined) await discardWritten(ctx, [...all.values()]);
    },
  };
}

/** The job for the decoder. */
const jobOf = (ctx: ProcessingContext, input: RenderInput, image: ImageRules): ImageJob => ({
  sourcePath: input.file,
  limits: limitsOf(input.rules, ctx.site.ceilings),
  outputs: image.outputs.map((rule) => outputRule(rule, input.focalPoint)),
  blur: image.blur,
  dominantColour: image.dominantColour,
  thumbHash: image.thumbHash,
  keepCopyright: image.keepCopyright,
  ...(input.digitalSource === null ? {} : { digitalSource: input.digitalSource }),
});

/** The policy of the collection, within the ceilings of the site. */
function limitsOf(rules: PolicyRules | null, { pixels, frames, totalPixels }: Ceilings): ImageLimits {
  const ceilings = { maxPixels: pixels, maxFrames: frames, maxTotalPixels: totalPixels };
  if (rules === null) return { acceptedTypes: ['*/*'], ...ceilings };
  return {
    ...ceilings,
    acceptedTypes: rules.acceptedTypes,
    maxPixels: Math.min(pixels, rules.maxMegapixels === null ? Number.POSITIVE_INFINITY : rules.maxMegapixels * 1e6),
    ...(rules.minWidth === null ? {} : { minWidth: rules.minWidth }),
    ...(rules.minHeight === null ? {} : { minHeight: rules.minHeight }),
    ...(rules.minAspectRatio === null ? {} : { minAspectRatio: rules.minAspectRatio }),
    ...(rules.maxAspectRatio === null ? {} : { maxAspectRatio: rules.maxAspectRatio }),
  };
}

function isSame(output: ImageOutput, present: PresentArtifact | undefined): boolean {
  if (present === undefined || present.mimeType !== output.mimeType || present.width !== output.width || present.height !== output.height) return false;
  return present.sha256 === createHash('sha256').update(output.bytes).digest('hex');
}

function outputRule(
  { role, maxSide, maxShare, format, quality, effort, animated, fit, aspectRatio, position }: ImageRules['outputs'][number],
  focalPoint: FocalPoint | null,
): OutputRule {
  const rule = { role, maxSide, format, quality, animated, ...(effort === undefined ? {} : { effort }), ...(maxShare === undefined ? {} : { maxShare }) };
  if (fit === 'inside' || aspectRatio === undefined) return rule;
  return { ...rule, crop: { aspectRatio, ...(position === undefined ? {} : { position }), ...(focalPoint === null ? {} : { focalPoint }) } };
}
