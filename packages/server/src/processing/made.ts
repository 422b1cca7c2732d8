import type { Insertable } from '#kysely';

import type { DigitalSource } from '@safelight/contract/generation';
import type { PolicyRules } from '@safelight/contract/media-rules';

import type { AssetTable } from '../lib/schema.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { FocalPoint } from './image-rules.ts';
import type { PresentArtifact, RenderedArtifact } from './render-artifacts.ts';
import type { MadeFile } from './store-files.ts';

/** What to make outputs from, and under which rules. */
export type MakeInput = {
  /** A local file with the bytes. */
  file: string;
  collection: CollectionConfig;
  rules: PolicyRules;
  ownerId: string;
  assetId: string;
  /** As sniffed. */
  mimeType: string;
  focalPoint: FocalPoint | null;
  /** How it was created, if that is known from outside its bytes. */
  digitalSource: DigitalSource | null;
  /** Do not start a slow picture: throw `SlowPicture`. */
  slow?: 'refuse';
  /** Make and store the poster of a video, then throw `PosterDone`. */
  only?: 'poster';
  /** Where finished stages are kept for the next attempt; null when there will be none. */
  stages?: Stages;
  /** Progress 0–1 by work done; null while finishing. */
  onProgress?: (fraction: number | null, step: string) => void;
};

/** The outputs do not depend on the owner. `rules` are null for media accepted earlier; outputs in `without` need not be made. */
export type RecordingInput = Omit<MakeInput, 'ownerId' | 'assetId' | 'rules'> & { rules: PolicyRules | null; without?: ReadonlySet<string> };

/** New outputs are compared with the present ones; identical ones are not stored again. */
export type RemakeInput = RecordingInput & Pick<MakeInput, 'ownerId' | 'assetId'> & { present: readonly PresentArtifact[] };

/** Columns of an asset with facts found in its source. */
export type FactColumns = Partial<
  Pick<
    Insertable<AssetTable>,
    | 'kind'
    | 'width'
    | 'height'
    | 'duration_ms'
    | 'blur_data_url'
    | 'dominant_colour'
    | 'digital_source'
    | 'thumb_hash'
    | 'video'
    | 'audio'
    | 'processing'
    | 'contents'
  >
>;

/** The result of a stage: artifacts of the asset, which is still being processed, and a note for later stages. */
export type KeptStage = { note: unknown; artifacts: RenderedArtifact[] };

/** The stages of work that may be interrupted: each is done once for the same source under the same rules. */
export type Stages = {
  found(stage: string): KeptStage | null;
  /** Stores the files and binds them to the asset, so that they stay whatever happens to this attempt. */
  keep(stage: string, files: readonly MadeFile[], note: unknown, columns?: FactColumns): Promise<RenderedArtifact[]>;
};

/** What was made of a recording; `kept` are artifacts already. */
export type MadeRecording = { columns: FactColumns; files: MadeFile[]; kept: RenderedArtifact[] };

/** The same for remade outputs: `same` are roles whose bytes equal the present artifact, which stays. */
export type Remade = Made & { same: string[] };

/** The result: new objects in the store, not bound to anything yet, and the facts about the source. */
export type Made = { columns: FactColumns; artifacts: RenderedArtifact[]; focalPoint: FocalPoint | null };
