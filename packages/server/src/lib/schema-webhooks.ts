import type { Defaulted, Json, Optional } from './schema-columns.ts';

export interface WebhookEndpointTable {
  id: string;
  url: string;
  description: Defaulted<string>;
  events: string[];
  collections: Optional<string[]>;
  secret: string;
  previous_secret: Optional<string>;
  previous_until: Optional<Date>;
  state: Defaulted<'enabled' | 'disabled'>;
  disabled_reason: Optional<string>;
  failing_since: Optional<Date>;
  from_environment: Defaulted<boolean>;
  cursor: Json<number[]>;
  created_at: Date;
}

export interface WebhookDeliveryTable {
  id: string;
  endpoint_id: string;
  event: string;
  shard: Optional<number>;
  seq: Optional<number>;
  media_id: Optional<string>;
  state: 'pending' | 'delivered' | 'dead';
  attempts: Defaulted<number>;
  step: Defaulted<number>;
  next_at: Optional<Date>;
  claimed_until: Optional<Date>;
  body: string;
  event_at: Date;
  created_at: Date;
  ended_at: Optional<Date>;
}
