import type { Insertable } from 'kysely';

import type { DigitalSource } from '@safelight/contract/generation';
import type { PolicyRules } from '@safelight/contract/media-rules';

import type { AssetTable } from '../lib/schema.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { FocalPoint } from './image-rules.ts';
import type { RenderedArtifact } from './render-artifacts.ts';

/** What is made from one source file, and under which rules. */
export type MakeInput = {
  /** The bytes, as a file on this machine. */
  file: string;
  collection: CollectionConfig;
  rules: PolicyRules;
  ownerId: string;
  assetId: string;
  /** As sniffed. */
  mimeType: string;
  focalPoint: FocalPoint | null;
  /** How it came to be, where that is known beside its bytes. */
  digitalSource: DigitalSource | null;
  /** Do not begin a picture that will take long: throw `SlowPicture`. */
  slow?: 'refuse';
  /** 0–1 by work really done, null while only finishing. */
  onProgress?: (fraction: number | null, step: string) => void;
};

/** What is made does not depend on whose it is. */
export type RecordingInput = Omit<MakeInput, 'ownerId' | 'assetId'>;

/** Columns of an asset that tell what was found in its source. */
export type FactColumns = Partial<
  Pick<
    Insertable<AssetTable>,
    'kind' | 'width' | 'height' | 'duration_ms' | 'blur_data_url' | 'dominant_colour' | 'digital_source' | 'thumb_hash' | 'video' | 'audio' | 'processing'
  >
>;

/** What came of it: new objects in the store, not yet bound to anything, and what is known of the source by now. */
export type Made = { columns: FactColumns; artifacts: RenderedArtifact[]; focalPoint: FocalPoint | null };
