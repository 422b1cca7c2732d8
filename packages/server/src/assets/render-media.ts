import type { Generated } from '@safelight/contract/generation';
import type { Media } from '@safelight/contract/media';

import { z } from 'zod';

import { keyOf, type ArtifactRow, type MediaRow } from './media-row.ts';
import { entityOf } from '../lib/reach.ts';

/**
 * Makes the URL of an artifact from its opaque token. `signed` URLs open what the bare URL does not: for whoever has them, for a limited time, in which
 * a recording of `durationMs` can be played to its end. `part` names a document that is written for it on request.
 */
export type MediaURLs = {
  /** Whether the bare URLs of published media open to everybody, or to its owner alone, whose pictures and players send no token. */
  areOpen(collection: string): boolean;
  artifact(token: string, part?: MediaPart): string;
  signedArtifact(token: string, part?: MediaPart, durationMs?: number | null): string;
  /** The playlist of a restricted video: everything that it names has the same signature. */
  signedStream(assetId: string, token: string, durationMs?: number | null): string;
};
/** Playlists of a video in several sizes and of one of them, and the cue times of a storyboard. */
export type MediaPart = 'index.m3u8' | 'playlist.m3u8' | 'storyboard.vtt';

/** The roles that represent the asset where one picture is needed, best first; the first that exists is used. */
const mainRoles = ['canonical', 'detail', 'detail_large', 'stream', 'preview', 'card', 'thumbnail'];
const thumbnailRoles = ['thumbnail', 'card', 'poster_small', 'poster', 'preview', 'canonical'];

const storyboardLayout = z.object({ intervalMs: z.number(), count: z.number() });
const captionsLayout = z.object({ language: z.string(), label: z.string().nullable() });
/** The other roles show a recording, each for a purpose of its own. */
const isOfPicture = (role: string): boolean => !role.startsWith('poster') && role !== 'storyboard';

/**
 * How much of a record a reader is shown. `own`: includes unpublished media, and failures. `known`: published media, for a signed-in reader.
 * `anybody`: the same without the owner and the file name.
 */
export type View = 'own' | 'known' | 'anybody';

/** The record as this reader sees it. */
export function renderMedia(row: MediaRow, urls: MediaURLs, view: View): Media {
  const mayPreview = view === 'own';
  const showable = row.published || (mayPreview && row.deleted_at === null);
  const { variants, widths, hlsSrc, captions, storyboard } = filesOf(row, showable ? row.artifacts : [], urls);
  const first = (roles: readonly string[]): string | null => roles.map((role) => variants[role]?.src).find((src) => src !== undefined) ?? null;
  return {
    id: row.id,
    collection: row.collection,
    entity: entityOf(row),
    ...(view === 'anybody' ? {} : { ownerId: row.owner_id, originalFileName: row.original_file_name }),
    kind: row.kind,
    purpose: row.purpose,
    status: row.status,
    review: row.review,
    published: row.published,
    path: mayPreview ? objectPathOf(row.artifacts) : null,
    mimeType: row.mime_type,
    byteSize: row.byte_size,
    width: row.width,
    height: row.height,
    durationMs: row.duration_ms,
    video: row.video,
    audio: row.audio,
    processing: mayPreview ? row.processing : null,
    altText: row.alt_text,
    focalPoint: row.focal_point,
    sortOrder: row.sort_order,
    src: first(mainRoles),
    thumbnailSrc: first(thumbnailRoles),
    blurDataURL: showable ? row.blur_data_url : null,
    dominantColour: showable ? row.dominant_colour : null,
    thumbHash: showable ? row.thumb_hash : null,
    contents: showable ? row.contents : null,
    variants,
    storyboard,
    hlsSrc,
    captions,
    srcSet: widths.size > 0 ? [...widths].map(([width, src]) => `${src} ${width}w`).join(', ') : null,
    replaces: row.replaces,
    failure: mayPreview ? row.failure : null,
    reviewReason: mayPreview && (row.review === 'approved' || row.review === 'rejected') ? row.review_reason : null,
    digitalSource: row.digital_source,
    generated: row.generated === null ? null : shownOf(row.generated, mayPreview),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    undoUntil: row.undo_until?.toISOString() ?? null,
    version: row.version,
  };
}

/** The outputs, as addresses that this reader may open. */
function filesOf(row: MediaRow, artifacts: readonly ArtifactRow[], urls: MediaURLs) {
  const variants: Media['variants'] = {};
  // For a small picture several roles have the same size; a browser needs it once.
  const widths = new Map<number, string>();
  const hls: { width: number; src: string | null } = { width: 0, src: null };
  const isOpen = row.published && urls.areOpen(row.collection);
  const captions: Media['captions'] = [];
  let storyboard: Media['storyboard'] = null;
  for (const [role, token, byteSize, mimeType, width, height, , layout] of artifacts) {
    if (token === null || byteSize === null || mimeType === null) continue;
    const url = (part?: MediaPart): string => (isOpen ? urls.artifact(token, part) : urls.signedArtifact(token, part, row.duration_ms));
    if (role.startsWith('hls_')) {
      if (role !== 'hls_audio' && (width ?? 0) >= hls.width)
        Object.assign(hls, { width: width ?? 0, src: isOpen ? url('index.m3u8') : urls.signedStream(row.id, token, row.duration_ms) });
      continue;
    }
    const src = url();
    if (role.startsWith('captions_')) {
      const { language, label } = captionsLayout.parse(layout);
      captions.push({ language, label, src });
      continue;
    }
    if (role === 'storyboard') {
      storyboard = { src, vttSrc: url('storyboard.vtt'), ...storyboardLayout.parse(layout) };
    }
    variants[role] = { src, width, height, mimeType, byteSize };
    if (width !== null && mimeType.startsWith('image/') && isOfPicture(role)) widths.set(width, src);
  }
  return { variants, widths, hlsSrc: hls.src, captions, storyboard };
}

/** The prompt and its input pictures are private to the owner. */
function shownOf({ prompt, inputs, ...facts }: Generated, isOwn: boolean): Generated {
  return isOwn ? { ...facts, ...(prompt === undefined ? {} : { prompt }), ...(inputs === undefined ? {} : { inputs }) } : facts;
}

/** The path of an upload: the key of the uploaded object, or of the one made in its place. */
export const objectPathOf = (artifacts: readonly ArtifactRow[]): string | null => keyOf(artifacts, 'source') ?? keyOf(artifacts, 'canonical');
