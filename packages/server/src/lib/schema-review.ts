import type { ColumnType, GeneratedAlways } from '#kysely';
import type { AuditDetail, AuditEntry } from '@safelight/contract/audit';
import type { Defaulted, Json, Optional, OptionalJson } from './schema-columns.ts';

export interface PolicyTable {
  collection: string;
  rules: Json<Record<string, unknown>>;
  photo_review_enabled: GeneratedAlways<boolean>;
  version: Defaulted<number>;
  updated_at: Defaulted<Date>;
  updated_by: string;
}

export interface PolicyChangeTable {
  id: string;
  collection: string;
  at: Defaulted<Date>;
  changed_by: string;
  before: OptionalJson<Record<string, unknown>>;
  after: Json<Record<string, unknown>>;
  existing: Optional<'review' | 'grandfather'>;
}

export interface ReviewAttemptTable {
  id: string;
  asset_id: string;
  revision: string;
  provider: string;
  model: Optional<string>;
  outcome: 'approved' | 'rejected' | 'failed' | 'waiting';
  categories: Defaulted<string[]>;
  scores: ColumnType<Record<string, number>, string | undefined, string>;
  reason: Optional<string>;
  error: OptionalJson<{ code: string; message: string }>;
  latency_ms: Optional<number>;
  cost_units: Optional<number>;
  decided_by: Optional<string>;
  at: Defaulted<Date>;
}

export interface AuditTable {
  id: string;
  at: Defaulted<Date>;
  actor_id: string;
  action: AuditEntry['action'];
  asset_id: Optional<string>;
  collection: Optional<string>;
  detail: Json<AuditDetail>;
}
