'use client';
import type { EntityMedia, FileSource, Media, UploadSnapshot } from '@safelight/client';

/** A record of the server's, or a draft: a file that was chosen and that nobody else knows of until it is saved. */
export type CollectionItem = {
  key: string;
  /** Null for a draft whose bytes have not arrived. */
  media: Media | null;
  /** Null for a record. */
  file: FileSource | null;
  preview: string | null;
  altText: string | null;
  purpose: string | null;
  /** How a draft gets to the server, once it is being saved. */
  upload: UploadSnapshot | null;
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
});

/**
 * What stands at a place of its own: published, or on its way; a waiting replacement stands with the photo that it is for.
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
