import type { DeliverySite } from '../delivery/find-delivery.ts';
import type { Cdn } from '../delivery/sign-cdn-url.ts';
import type { EventFeed } from '../events/open-event-feed.ts';
import type { WebhookSite } from '../events/webhooks/webhook-context.ts';
import type { GenerationSite } from '../generation/generation-context.ts';
import type { GrantSite } from '../grants/grant-rows.ts';
import type { Context } from '../lib/context.ts';
import type { RulesSite } from '../policy/read-media-rules.ts';
import type { RecordingsHere } from '../policy/recordings-here.ts';
import type { PolicySite } from '../review/change-policy.ts';
import type { ResumableSite } from '../uploads/hold-upload.ts';
import type { ImportSite } from '../uploads/start-import.ts';
import type { TakeStream } from './create-stream-limit.ts';

/** Where records are found, for `Location`. */
export type Links = { job(id: string): string; media(id: string): string };

/** What the web server in front understands, and where its internal locations lie. */
export type Acceleration = { header: 'x-accel-redirect' | 'x-sendfile'; prefix: string };

/** What operations need of the site; each use-case takes the part that it names in its own type. */
export type RequestSite = ImportSite &
  ResumableSite &
  GenerationSite &
  PolicySite &
  RulesSite &
  DeliverySite &
  GrantSite &
  WebhookSite & {
    recordingsHere: RecordingsHere;
    feed: EventFeed;
    takeStream: TakeStream;
    links: Links;
    /** What moderators often say, one key each. */
    reviewPresets: readonly string[];
    /** How collections that are delivered by the web server in front hand over to it. */
    acceleration: Acceleration;
    cdn: Cdn | null;
    /** The configured address of this server, where there is one. */
    publicUrl: string | null;
    /** Aborts when the product shuts down. */
    closing: AbortSignal;
  };

/** The call that a request makes. */
export type RequestContext = Context<RequestSite>;
