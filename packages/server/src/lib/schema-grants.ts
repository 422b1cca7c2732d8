import type { Defaulted, Optional } from './schema-columns.ts';

export interface GrantTable {
  id: string;
  transaction: string;
  buyer_id: Optional<string>;
  request: string;
  expires_at: Optional<Date>;
  max_downloads: Optional<number>;
  generation: Defaulted<number>;
  revoked_at: Optional<Date>;
  shared_at: Optional<Date>;
  stamp: Optional<string>;
  created_by: string;
  created_at: Defaulted<Date>;
  version: Defaulted<number>;
}

export interface GrantAssetTable {
  grant_id: string;
  asset_id: string;
  position: number;
  used: Defaulted<number>;
  max: Optional<number>;
  given_back_bytes: Defaulted<number>;
  last_download_at: Optional<Date>;
  removed_at: Optional<Date>;
}

export interface GrantStampTable {
  grant_id: string;
  object_id: string;
  tail: Optional<Buffer>;
  tail_bytes: Defaulted<number>;
  sha256: Optional<string>;
  crc32: Optional<number>;
  failure: Optional<string>;
  made_at: Defaulted<Date>;
}

export interface GrantRefusalTable {
  grant_id: string;
  asset_id: Optional<string>;
  reason: string;
  address_hash: string;
  agent_class: string;
  day: string;
  count: Defaulted<number>;
  first_at: Defaulted<Date>;
  last_at: Defaulted<Date>;
}

export interface DownloadTable {
  id: string;
  grant_id: string;
  asset_id: string;
  object_id: string;
  client_hash: string;
  address_hash: string;
  agent_class: string;
  started_at: Defaulted<Date>;
  last_at: Defaulted<Date>;
  until: Date;
  bytes: Defaulted<number>;
  reserved: Defaulted<number>;
  requests: Defaulted<number>;
  state: Defaulted<'open' | 'complete' | 'given_back'>;
  carrier: 'proxy' | 'redirect' | 'accelerated' | 'cdn';
  is_untold: Optional<boolean>;
}
