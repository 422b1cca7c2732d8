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

/** The addresses of records, for `Location`. */
export type Links = { job(id: string): string; media(id: string): string };

/** The header that the web server in front understands, and the path of its internal locations. */
export type Acceleration = { header: 'x-accel-redirect' | 'x-sendfile'; prefix: string };

/** The site as operations need it; each use-case takes the part that its own type names. */
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
    /** Texts that moderators often use, one key each. */
    reviewPresets: readonly string[];
    /** How bytes are handed to the web server in front, for collections that it delivers. */
    acceleration: Acceleration;
    cdn: Cdn | null;
    /** The configured public address of this server; null when there is none. */
    publicUrl: string | null;
    /** Aborts when the server shuts down. */
    closing: AbortSignal;
  };

export type RequestContext = Context<RequestSite>;
