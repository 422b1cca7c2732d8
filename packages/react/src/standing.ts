'use client';
import type { EntityMedia, FileSource, Media, SafelightProblem, UploadSnapshot } from '@safelight/client';

/** A record on the server, or a draft: a chosen file that only this form knows until it is saved. */
export type CollectionItem = {
  key: string;
  /** Null for a draft whose bytes have not arrived. */
  media: Media | null;
  /** Null for a record. */
  file: FileSource | null;
  preview: string | null;
  altText: string | null;
  purpose: string | null;
  /** The upload of a draft, once it is being saved. */
  upload: UploadSnapshot | null;
  /** Why the last save could not send this draft. */
  problem: SafelightProblem | null;
};

/**
 * A record as an item of a form.
 * @internal
 */
export const itemOf = (media: Media): CollectionItem => ({
  key: media.id,
  media,
  file: null,
  preview: null,
  altText: media.altText,
  purpose: media.purpose,
  upload: null,
  problem: null,
});

/**
 * The records with their own place: published, or not shown yet. A waiting replacement belongs to the photo that it replaces.
 * @internal
 */
export const standing = (entity: EntityMedia | null): Media[] =>
  entity
    ? [...entity.media, ...entity.tray.filter(({ upload, replaces }) => upload === null && replaces === null)].toSorted(
        (a, b) => a.sortOrder - b.sortOrder || (a.id < b.id ? -1 : 1),
      )
    : [];

/** @internal */
export const itemsOf = (entity: EntityMedia | null): CollectionItem[] => standing(entity).map(itemOf);
