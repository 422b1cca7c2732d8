import type { ColumnType } from '#kysely';
import type { Defaulted, Json, Optional, OptionalJson } from './schema-columns.ts';

export interface GenerationTable {
  job_id: string;
  owner_id: string;
  kind: 'image' | 'video';
  provider: string;
  model: string;
  request: Json<Record<string, unknown>>;
  state: 'reserved' | 'submitting' | 'submitted' | 'storing' | 'done' | 'failed' | 'cancelled' | 'unknown';
  operation: OptionalJson<unknown>;
  submit_started_at: Optional<Date>;
  next_poll_at: Optional<Date>;
  deadline_at: Optional<Date>;
  usage: OptionalJson<Record<string, unknown>[]>;
  reserved_units: number;
  error: OptionalJson<{ code: string; message: string }>;
  sends: Defaulted<number>;
  bad_polls: Defaulted<number>;
  polls: Defaulted<number>;
  moderated_at: Optional<Date>;
  moderation_tries: Defaulted<number>;
  cost: ColumnType<string | null, number | null | undefined, number | null>;
  currency: Optional<string>;
  spending_stopped: Optional<boolean>;
  created_at: Defaulted<Date>;
}

export interface GenerationOutputTable {
  job_id: string;
  index: number;
  state: 'waiting' | 'submitting' | 'submitted' | 'storing' | 'stored' | 'done' | 'failed';
  upload_id: Optional<string>;
  asset_id: Optional<string>;
  error: OptionalJson<{ code: string; message: string }>;
}
