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
  /** Where the server is, without the API prefix: `https://media.example.com`. */
  baseURL: string;
  /** A bearer token, or a function that gives the current one; asked for each attempt. Left out, only public things can be read. */
  token?: string | (() => string | Promise<string>);
  /** As the server's configuration says. Default `/v1`. */
  apiPrefix?: string | undefined;
  /** Sent with each request to the API, never to storage; a function is asked for each attempt. */
  headers?: HeadersOf | (() => HeadersOf | Promise<HeadersOf>);
  fetch?: typeof fetch;
};

export interface Client {
  /** Any operation of the contract, by its id. */
  request: <Id extends OperationId>(id: Id, input: RequestInput<Id>) => Promise<AnswerOf<Id>>;
  /** As `request`, with status and headers. */
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
    /** A connection of its own, for one filter: `for await (const { event, data } of client.events.follow({ jobId }))`. */
    follow: (filter?: EventFilter, options?: FollowOptions) => AsyncGenerator<SafelightEvent, void, void>;
    /** The connection that all of this client's listeners share. */
    subscribe: EventHub['subscribe'];
  };
  /** Starts to upload at once, by the protocol that suits the collection; without one, to where the server wants what names none. */
  upload: (file: FileSource, destination?: Destination, options?: UploadOptions) => UploadTask;
}

/** Everything that Safelight's API offers, typed by its contract. Holds no connection of its own until something is followed. */
export function createClient({ baseURL, token, apiPrefix = usualPrefix, headers, fetch: fetchOption }: ClientOptions): Client {
  const connection: Connection = {
    baseURL: baseURL.replace(/\/+$/, ''),
    apiPrefix,
    token: async () => (typeof token === 'function' ? token() : token),
    headers: async () => (typeof headers === 'function' ? headers() : headers),
    // Looked up on each call, so that a page may wrap `fetch` after this; called as a plain function, as browsers demand.
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
