import type { Cdn } from '../delivery/sign-cdn-url.ts';
import type { EventFeed } from '../events/open-event-feed.ts';
import type { WebhookContext } from '../events/webhooks/webhook-context.ts';
import type { GenerationContext } from '../generation/generation-context.ts';
import type { Actor } from '../lib/context.ts';
import type { PolicyContext } from '../review/change-policy.ts';
import type { UnavailableType } from '../policy/unavailable-types.ts';
import type { RecordingsHere } from '../processing/watch-engine.ts';
import type { ProcessingContext } from '../processing/processing-context.ts';
import type { ResumableContext } from '../uploads/hold-upload.ts';
import type { ImportContext } from '../uploads/open-import.ts';
import type { TakeStream } from './open-stream-limit.ts';

/** Where records are found, for `Location`. */
export type Links = { job(id: string): string; media(id: string): string };

/** What the web server in front understands, and where its internal locations lie. */
export type Acceleration = { header: 'x-accel-redirect' | 'x-sendfile'; prefix: string };

/** Everything that operations need; each use-case takes the part that it names in its own type. */
export type RequestContext = ImportContext &
  GenerationContext &
  ResumableContext &
  ProcessingContext &
  PolicyContext &
  WebhookContext & {
    unavailableTypes: readonly UnavailableType[];
    recordingsHere: RecordingsHere;
    feed: EventFeed;
    takeStream: TakeStream;
    requestId: string;
    /** Authenticates the request once more: whether what it came with still holds. */
    authenticateAgain(): Promise<Actor>;
    links: Links;
    /** What moderators often say, one key each. */
    reviewPresets: readonly string[];
    /** How collections that are delivered by the web server in front hand over to it. */
    acceleration: Acceleration;
    cdn: Cdn | null;
    /** The configured address of this server, where there is one. */
    publicUrl: string | null;
    /** Aborts when the server shuts down. */
    closing: AbortSignal;
  };
