import { kindRules } from '../assets/kind-rules.ts';
import type { Kind } from '../lib/schema.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { Made, MakeInput, Remade, RemakeInput } from './made.ts';
import { archiveType, isListed } from './list-contents.ts';
import { coverFingerprint, documentType, hasCover, makeCover, remakeCover } from './make-cover.ts';
import { makeImage, remakeImage } from './make-image.ts';
import { makeRecording, remakeRecording } from './make-recording.ts';
import { audioRoles, videoRoles } from './recording-roles.ts';
import { recordingFingerprint, renderFingerprint } from './render-fingerprint.ts';
import type { ProcessingContext } from './processing-context.ts';

export type KindRow = {
  /** Whether its work has stages, each kept for the next attempt. */
  staged: boolean;
  /** Whether the collection makes any outputs of it; otherwise there is only the file itself. */
  isMade(collection: CollectionConfig, mimeType: string): boolean;
  /** The roles that every such asset has at least. */
  roles(collection: CollectionConfig): string[];
  /** Identifies the rules for its outputs; null when the collection has none. */
  fingerprint(collection: CollectionConfig): string | null;
  /** Reads, checks, makes and stores the outputs. */
  make(ctx: ProcessingContext, input: MakeInput): Promise<Made | null>;
  /** The same for an asset that has outputs. */
  remake(ctx: ProcessingContext, input: RemakeInput): Promise<Remade>;
  /** The only types of which anything is made; by default all of the kind. */
  madeTypes?: readonly string[];
  /** Read only the needed parts from the store, rather than copying the file to this machine: it may be large. */
  isReadInPlace?(collection: CollectionConfig, mimeType: string): boolean;
};

/** All that differs between the kinds of media, in one place. */
export const kinds = {
  image: {
    ...kindRules.image,
    isMade: ({ image }) => image !== null,
    roles: ({ image }) => image?.outputs.map(({ role }) => role) ?? [],
    fingerprint: ({ image }) => (image === null ? null : renderFingerprint(image)),
    make: makeImage,
    staged: false,
    remake: remakeImage,
  },
  video: {
    ...kindRules.video,
    isMade: ({ video }) => video.outputs.length > 0,
    roles: videoRoles,
    fingerprint: (collection) => (collection.video.outputs.length > 0 ? recordingFingerprint('video', collection) : null),
    make: makeRecording,
    staged: true,
    remake: remakeRecording,
  },
  audio: {
    ...kindRules.audio,
    isMade: ({ audio }) => audio.outputs.length > 0,
    roles: audioRoles,
    fingerprint: (collection) => (collection.audio.outputs.length > 0 ? recordingFingerprint('audio', collection) : null),
    make: makeRecording,
    staged: true,
    remake: remakeRecording,
  },
  file: {
    ...kindRules.file,
    isMade: (collection, mimeType) => hasCover(collection, mimeType) || isListed(collection, mimeType),
    roles: () => [],
    fingerprint: coverFingerprint,
    make: makeCover,
    staged: false,
    remake: remakeCover,
    madeTypes: [documentType, archiveType],
    isReadInPlace: isListed,
  },
} as const satisfies Record<Kind, KindRow>;
