import type { Destination } from '@safelight/contract/api';
import { usualPrefix } from '@safelight/contract/limits';

import { discrepanciesResource, type DiscrepanciesResource } from './discrepancies.ts';
import { entitiesResource, type EntitiesResource } from './entities.ts';
import { createEventHub, type EventHub } from './event-hub.ts';
import { followEvents, type EventFilter, type FollowOptions, type SafelightEvent } from './events.ts';
import { generateResource, type GenerateResource } from './generate.ts';
import { grantsResource, type GrantsResource } from './grants.ts';
import { jobsResource, type JobsResource } from './jobs.ts';
import { mediaResource, type MediaResource } from './media.ts';
import { policiesResource, type PoliciesResource } from './policies.ts';
import { request, send, type AnswerOf, type Connection, type OperationId, type Reply, type RequestInput } from './request.ts';
import { reviewsResource, type ReviewsResource } from './reviews.ts';
import { rulesResource, type RulesResource } from './rules.ts';
import type { FileSource } from './upload/file-source.ts';
import { webhooksResource, type WebhooksResource } from './webhook-endpoints.ts';
import { startUpload, type UploadOptions, type UploadTask } from './upload/upload.ts';
import { uploadsResource, type UploadsResource } from './uploads.ts';

type HeadersOf = Record<string, string> | undefined;

export type ClientOptions = {
  /** The URL of the server, without the API prefix: `https://media.example.com`. */
  baseURL: string;
  /** A bearer token, or a function that returns the current one, called for each attempt. Without one, only public media can be read. */
  token?: string | (() => string | Promise<string>);
  /** The API prefix of the server's configuration. Default `/v1`. */
  apiPrefix?: string | undefined;
  /** Sent with each request to the API, never to storage; a function is called for each attempt. */
  headers?: HeadersOf | (() => HeadersOf | Promise<HeadersOf>);
  fetch?: typeof fetch;
};

export interface Client {
  /** Calls any operation of the contract, by its id. */
  request: <Id extends OperationId>(id: Id, input: RequestInput<Id>) => Promise<AnswerOf<Id>>;
  /** Like `request`, but also returns the status and headers. */
  send: <Id extends OperationId>(id: Id, input: RequestInput<Id>) => Promise<Reply<AnswerOf<Id>>>;
  media: MediaResource;
  uploads: UploadsResource;
  jobs: JobsResource;
  generate: GenerateResource;
  grants: GrantsResource;
  entities: EntitiesResource;
  rules: RulesResource;
  policies: PoliciesResource;
  reviews: ReviewsResource;
  discrepancies: DiscrepanciesResource;
  webhooks: WebhooksResource;
  events: {
    /** Opens a separate connection for one filter: `for await (const { event, data } of client.events.follow({ jobId }))`. */
    follow: (filter?: EventFilter, options?: FollowOptions) => AsyncGenerator<SafelightEvent, void, void>;
    /** On the connection that all listeners of this client share. */
    subscribe: EventHub['subscribe'];
  };
  /** Starts at once, with the protocol that suits the collection. Without one, the file goes to the server's default collection. */
  upload: (file: FileSource, destination?: Destination, options?: UploadOptions) => UploadTask;
}

/** The whole API, typed by its contract. Opens no event stream until something is followed. */
export function createClient({ baseURL, token, apiPrefix = usualPrefix, headers, fetch: fetchOption }: ClientOptions): Client {
  const connection: Connection = {
    baseURL: baseURL.replace(/\/+$/, ''),
    apiPrefix,
    token: async () => (typeof token === 'function' ? token() : token),
    headers: async () => (typeof headers === 'function' ? headers() : headers),
    // Looked up on each call, so that a page can wrap `fetch` later; called without a receiver, because browsers require it.
    fetch: fetchOption ?? ((input, init) => fetch(input, init)),
  };
  const hub = createEventHub(connection);
  const rules = rulesResource(connection);
  return {
    request: (id, input) => request(connection, id, input),
    send: (id, input) => send(connection, id, input),
    media: mediaResource(connection),
    uploads: uploadsResource(connection),
    jobs: jobsResource(connection, hub),
    generate: generateResource(connection),
    grants: grantsResource(connection),
    entities: entitiesResource(connection),
    rules,
    policies: policiesResource(connection),
    reviews: reviewsResource(connection),
    discrepancies: discrepanciesResource(connection),
    webhooks: webhooksResource(connection),
    events: {
      follow: (filter = {}, options = {}) => followEvents(connection, filter, options),
      subscribe: hub.subscribe,
    },
    upload: (file, destination = {}, options = {}) => startUpload({ connection, hub, rules }, file, destination, options),
  };
}
