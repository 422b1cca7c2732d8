import type { Insertable } from '#kysely';

import type { DigitalSource } from '@safelight/contract/generation';
import type { PolicyRules } from '@safelight/contract/media-rules';

import type { AssetTable } from '../lib/schema.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { FocalPoint } from './image-rules.ts';
import type { PresentArtifact, RenderedArtifact } from './render-artifacts.ts';
import type { MadeFile } from './store-files.ts';

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
  /** Make and keep the poster of a video, then throw `PosterDone`. */
  only?: 'poster';
  /** Where what is done is kept for another attempt; null where there will be none. */
  stages?: Stages;
  /** 0–1 by work really done, null while only finishing. */
  onProgress?: (fraction: number | null, step: string) => void;
};

/** What is made does not depend on whose it is. `rules` are null for what was accepted before; what is `without` need not be made. */
export type RecordingInput = Omit<MakeInput, 'ownerId' | 'assetId' | 'rules'> & { rules: PolicyRules | null; without?: ReadonlySet<string> };

/** What is made anew is compared with what is there; what comes out the same is not stored again. */
export type RemakeInput = RecordingInput & Pick<MakeInput, 'ownerId' | 'assetId'> & { present: readonly PresentArtifact[] };

/** Columns of an asset that tell what was found in its source. */
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

/** What a stage has left: artifacts of the asset, which is still in work, and what has to be known of them. */
export type KeptStage = { note: unknown; artifacts: RenderedArtifact[] };

/** The stages of one piece of work that may be interrupted: each is done once for the same source under the same rules. */
export type Stages = {
  found(stage: string): KeptStage | null;
  /** Stores the files and makes them the asset's, so that they are there whatever becomes of this attempt. */
  keep(stage: string, files: readonly MadeFile[], note: unknown, columns?: FactColumns): Promise<RenderedArtifact[]>;
};

/** What was made of a recording; `kept` are artifacts by now. */
export type MadeRecording = { columns: FactColumns; files: MadeFile[]; kept: RenderedArtifact[] };

/** The same of what is made again: `same` are roles whose bytes are those of the artifact that is there already, which stays. */
export type Remade = Made & { same: string[] };

/** What came of it: new objects in the store, not yet bound to anything, and what is known of the source by now. */
export type Made = { columns: FactColumns; artifacts: RenderedArtifact[]; focalPoint: FocalPoint | null };
