import { policyRulesSchema } from '@safelight/contract/media-rules';
import { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';

/** `about` is shown in docs/configuration.md and the schema's documentation. */
const about = (description: string): { description: string } => ({ description });

const outputRule = z
  .strictObject({
    role: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,31}$/, '1 to 32 small letters, digits or _, a letter first, are wanted')
      .refine((role) => role !== 'source', '"source" is the uploaded file itself')
      .meta(about('The name under which clients find it.')),
    maxSide: z.int().min(1).max(16_384).meta(about('Pixels of the longer side; a smaller picture is never enlarged.')),
    maxShare: z
      .number()
      .min(0.05)
      .max(1)
      .optional()
      .meta(
        about(
          'The longer side as a share of the source’s, at most: 0.5 is half. With visibility `grant` it is never more than 0.5, and `maxSide` never more than 800.',
        ),
      ),
    format: z
      .enum(['source', 'webp', 'jpeg', 'png', 'avif'])
      .meta(about('`source` keeps the format of the upload; an animated AVIF that stays animated becomes WebP.')),
    quality: z.int().min(1).max(100).meta(about('Higher is better and larger.')),
    effort: z
      .int()
      .min(0)
      .max(9)
      .optional()
      .meta(about('Processor time for fewer bytes. WebP (0–6) at 2 takes less than half the time of 4 for about a tenth more bytes.')),
    animated: z.boolean().meta(about('Whether an animation stays one; otherwise its first frame is taken.')),
    fit: z.enum(['inside', 'cover']).default('inside').meta(about('`inside`: the whole picture. `cover`: the part of it that fills `aspectRatio`.')),
    aspectRatio: z.number().min(0.05).max(20).optional().meta(about('With `cover`: width by height, such as 1 or 1.7778.')),
    position: z
      .enum(['attention', 'centre'])
      .optional()
      .meta(
        about(
          'With `cover`: which part is kept of a picture that has no focal point; `attention` looks for skin, colour and detail. A focal point takes precedence.',
        ),
      ),
  })
  .superRefine(({ fit, aspectRatio, position, format, effort }, problems) => {
    const problem = (path: string, message: string): void => problems.addIssue({ code: 'custom', path: [path], message });
    if (fit === 'cover' && aspectRatio === undefined) problem('aspectRatio', 'needed with fit "cover": width by height');
    if (fit === 'inside' && aspectRatio !== undefined) problem('aspectRatio', 'only with fit "cover"');
    if (fit === 'inside' && position !== undefined) problem('position', 'only with fit "cover"');
    if (format === 'webp' && effort !== undefined && effort > 6) problem('effort', 'at most 6 for webp');
    if (format === 'jpeg' && effort !== undefined) problem('effort', 'JPEG has none');
  });

const watermarkSchema = z
  .strictObject({
    text: z
      .string()
      .regex(/^[\u0020-\u007e©]{1,60}$/, '1 to 60 letters of ASCII, or ©; for other writing name a picture')
      .optional()
      .meta(about('A text, drawn with Safelight’s own letters, so that it looks the same on every machine.')),
    imageAssetId: z.uuid().optional().meta(about('The id of a picture in Safelight, preferably with a transparent background.')),
    opacity: z.number().min(0.05).max(1).default(0.35),
    tile: z.boolean().default(true).meta(about('Whether it is repeated all over the picture; otherwise it is drawn once, in the middle.')),
  })
  .refine(({ text, imageAssetId }) => (text === undefined) !== (imageAssetId === undefined), 'either text or imageAssetId');
export type Watermark = z.output<typeof watermarkSchema>;

const kind = z.enum(['image', 'video', 'audio', 'file']);

export const collectionSchema = z.strictObject({
  entityType: z.string().min(1).nullable().meta(about('The type of entity that its assets belong to; null if they only belong to their owner.')),
  kinds: z.array(kind).min(1).meta(about('The kinds of media that it accepts.')),
  purposes: z.array(z.string().min(1)).min(1).meta(about('What an asset can be for; the first is the default.')),
  singlePurposes: z.array(z.string()).default([]).meta(about('Purposes that at most one asset of an entity has.')),
  ingest: z.enum(['inline', 'queued']).meta(about('`inline`: a direct upload is answered with the ready record. `queued`: with a job.')),
  keepSource: z.boolean().meta(about('Whether the uploaded file is kept, private, besides the outputs.')),
  visibility: z.enum(['public', 'unlisted', 'owner', 'grant']).meta(about('Who may read what is published: anybody; anybody with the URL; the owner; buyers.')),
  delivery: z
    .enum(['proxy', 'redirect', 'accelerated', 'cdn'])
    .default('proxy')
    .meta(
      about(
        'How files are delivered: through Safelight; by a redirect to a URL that the provider signed for a few minutes; by the web server in front (docs/storage.md); by a redirect to a CDN (`cdn`, docs/delivery.md).',
      ),
    ),
  gate: z
    .enum(['none', 'policy'])
    .meta(about('Whether the policy may ask for a review before a photo or a video is shown. Sounds and other files are never reviewed.')),
  managersOnly: z.boolean().default(false).meta(about('Whether only `media:manage` may add to it.')),
  keyPrefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, '1 to 63 small letters, digits or -, not - first, are wanted')
    .default('media')
    .meta(about('The beginning of the keys of its objects. A list by prefix never mixes collections with different prefixes.')),
  import: z
    .strictObject({ allowHosts: z.array(z.string().toLowerCase()).default([]), denyHosts: z.array(z.string().toLowerCase()).default([]) })
    .prefault({})
    .meta(about('The hosts from which files may, or may not, be imported, as whole names; an empty `allowHosts` allows all public ones.')),
  image: z
    .strictObject({
      outputs: z
        .array(outputRule)
        .min(1)
        .refine((outputs) => new Set(outputs.map(({ role }) => role)).size === outputs.length, 'two outputs have the same role')
        .meta(about('What is made from a picture.')),
      blur: z.boolean().meta(about('Whether the record carries a tiny placeholder as a data URL.')),
      dominantColour: z.boolean().default(true).meta(about('Whether the record carries the colour that most of the picture has.')),
      thumbHash: z.boolean().default(false).meta(about('Whether the record carries a ThumbHash: a placeholder of about 25 bytes that a script draws.')),
      keepCopyright: z
        .boolean()
        .default(false)
        .meta(about('Whether outputs keep the names of the artist and of the copyright holder, and nothing else of the metadata.')),
      watermark: watermarkSchema.optional().meta(about('Drawn over every output. Outputs with a watermark are not animated.')),
    })
    .nullable()
    .meta(about('Null for a collection that accepts no images, or keeps them as they are.')),
  video: z
    .strictObject({
      outputs: z
        .array(z.enum(['poster', 'stream', 'preview', 'storyboard']))
        .default(['poster', 'stream', 'preview', 'storyboard'])
        .meta(about('What is made from a video. Where readers get the file itself, `stream` never is.')),
      maxSide: z.int().min(240).max(1920).default(1920).meta(about('Pixels of the longer side of the stream; a smaller video is never enlarged.')),
      remux: z
        .enum(['auto', 'never', 'always'])
        .default('auto')
        .meta(
          about(
            'Whether video that every player can play is kept without encoding, a hundredth of the work. `auto`: up to `remuxMaxBitrate`; `always`: at any bit rate.',
          ),
        ),
      remuxMaxBitrate: z.int().min(100_000).default(8_000_000).meta(about('Bits per second above which `auto` encodes.')),
      preset: z
        .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'])
        .default('veryfast')
        .meta(about('Processor time for fewer bytes.')),
      crf: z.int().min(15).max(40).default(21).meta(about('Quality of the stream; lower is better and larger.')),
      hls: z
        .enum(['off', 'on'])
        .default('off')
        .meta(about('Whether the stream is also made in several sizes, for players that choose by network speed (HLS). That doubles the work.')),
      hdr: z.enum(['sdr', 'refuse']).default('sdr').meta(about('What happens to high dynamic range: tone mapped for ordinary screens, or refused.')),
    })
    .prefault({})
    .meta(about('What is made from videos, if the collection accepts them.')),
  audio: z
    .strictObject({
      outputs: z
        .array(z.enum(['stream', 'preview', 'waveform']))
        .default(['stream', 'preview', 'waveform'])
        .meta(about('What is made from sound. Where readers get the file itself, `stream` never is.')),
      codec: z
        .enum(['aac', 'opus'])
        .default('aac')
        .meta(about('The codec of an encoded stream: AAC in MP4, which every player supports, or Opus in Ogg, which older Apple devices do not.')),
      bitrate: z
        .int()
        .min(32_000)
        .max(320_000)
        .default(160_000)
        .meta(about('Bits per second of an encoded stream; never more than the source has in the same codec.')),
      normalise: z
        .union([z.literal('off'), z.literal(-14)])
        .default('off')
        .meta(
          about(
            'Whether streams and previews are brought to a loudness of −14 LUFS, as is usual for music; all of them are encoded then. `media.audio.loudness` stays that of the source.',
          ),
        ),
      waveformPointsPerSecond: z.int().min(1).max(100).default(20).meta(about('Peaks per second; at most 20,000 in total.')),
    })
    .prefault({})
    .meta(about('What is made from sound, if the collection accepts it.')),
  policy: policyRulesSchema.meta(about('The first values of the site policy; after that, the values in the database apply. Null means no limit.')),
});
/** `isDefault`: takes files that name no collection. */
export type CollectionConfig = z.output<typeof collectionSchema> & { name: string; isDefault?: boolean | undefined };

/** The limit of the longer side for previews of sold media. */
const mostOfSold = { maxSide: 800, maxShare: 0.5 };

/** Limits the previews of sold media: nobody would buy a picture that they could take from the shop window. */
export function withSmallerPreviews<Collection extends Pick<CollectionConfig, 'visibility' | 'image'>>(collection: Collection): Collection {
  const { image } = collection;
  if (!deliversSource(collection) || image === null) return collection;
  const outputs = image.outputs.map((rule) => ({
    ...rule,
    maxSide: Math.min(rule.maxSide, mostOfSold.maxSide),
    maxShare: Math.min(rule.maxShare ?? 1, mostOfSold.maxShare),
  }));
  return { ...collection, image: { ...image, outputs } };
}

/** Whether readers get the uploaded file itself, which is then worth keeping even if nothing can be made from it. */
export const deliversSource = ({ visibility }: Pick<CollectionConfig, 'visibility'>): boolean => visibility === 'grant';

/** The declared collections, by name. */
export type Collections = ReadonlyMap<string, CollectionConfig>;

/** The collection for a file: the named one, or the default. */
export function collectionFor(collections: Collections, name: string | undefined): CollectionConfig {
  if (name !== undefined) return collectionNamed(collections, name);
  const found = defaultCollectionOf(collections);
  if (found !== undefined) return found;
  throw new SafelightError('invalid_request', `Say which collection it goes to: ${[...collections.keys()].join(', ')}.`, {
    errors: [{ field: 'collection', message: 'missing' }],
  });
}

export const defaultCollectionOf = (collections: Collections): CollectionConfig | undefined =>
  [...collections.values()].find(({ isDefault }) => isDefault === true);

/** The collection of that name, which came in this field; otherwise throws `invalid_request` with the existing names. */
export function collectionNamed(collections: Collections, name: string, field = 'collection'): CollectionConfig {
  const found = collections.get(name);
  if (found !== undefined) return found;
  throw new SafelightError('invalid_request', `There is no collection "${name}". Use one of: ${[...collections.keys()].join(', ')}.`, {
    errors: [{ field, message: `one of ${[...collections.keys()].join(', ')}` }],
  });
}
