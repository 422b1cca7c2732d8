import type { OperationId } from '@safelight/contract/operations';
import type { Destination } from '@safelight/contract/uploads';

import { discrepanciesResource } from './discrepancies.ts';
import { entitiesResource } from './entities.ts';
import { createEventHub } from './event-hub.ts';
import { followEvents, type EventFilter, type FollowOptions } from './events.ts';
import { generateResource } from './generate.ts';
import { jobsResource } from './jobs.ts';
import { mediaResource } from './media.ts';
import { policiesResource } from './policies.ts';
import { request, send, type Connection, type RequestInput } from './request.ts';
import { reviewsResource } from './reviews.ts';
import { rulesResource } from './rules.ts';
import type { FileSource } from './upload/file-source.ts';
import { webhooksResource } from './webhook-endpoints.ts';
import { startUpload, type UploadOptions } from './upload/upload.ts';

export type ClientOptions = {
  /** Where the server is, without the API prefix: `https://media.example.com`. */
  baseURL: string;
  /** A bearer token, or a function that gives the current one; asked for each attempt. Left out, only public things can be read. */
  token?: string | (() => string | Promise<string>);
  /** As the server's configuration says. Default `/v1`. */
  apiPrefix?: string;
  fetch?: typeof fetch;
};

export type Client = ReturnType<typeof createClient>;

/** Everything that Safelight's API offers, typed by its contract. Holds no connection of its own until something is followed. */
export function createClient({ baseURL, token, apiPrefix = '/v1', fetch: fetchOption }: ClientOptions) {
  const connection: Connection = {
    baseURL: baseURL.replace(/\/+$/, ''),
    apiPrefix,
    token: async () => (typeof token === 'function' ? token() : token),
    // Looked up on each call, so that a page may wrap `fetch` after this; called as a plain function, as browsers demand.
    fetch: fetchOption ?? ((input, init) => fetch(input, init)),
  };
  const hub = createEventHub(connection);
  const rules = rulesResource(connection);
  return {
    /** Any operation of the contract, by its id. */
    request: <Id extends OperationId>(id: Id, input: RequestInput<Id>) => request(connection, id, input),
    /** As `request`, with status and headers. */
    send: <Id extends OperationId>(id: Id, input: RequestInput<Id>) => send(connection, id, input),
    media: mediaResource(connection),
    jobs: jobsResource(connection),
    generate: generateResource(connection),
    entities: entitiesResource(connection),
    rules,
    policies: policiesResource(connection),
    reviews: reviewsResource(connection),
    discrepancies: discrepanciesResource(connection),
    webhooks: webhooksResource(connection),
    events: {
      /** A connection of its own, for one filter: `for await (const { event, data } of client.events.follow({ jobId }))`. */
      follow: (filter: EventFilter = {}, options: FollowOptions = {}) => followEvents(connection, filter, options),
      /** The connection that all of this client's listeners share. */
      subscribe: hub.subscribe,
    },
    /** Starts to upload at once, by the protocol that suits the collection. */
    upload: (file: FileSource, destination: Destination, options: UploadOptions = {}) => startUpload({ connection, hub, rules }, file, destination, options),
  };
}
