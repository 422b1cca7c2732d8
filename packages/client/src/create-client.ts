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

/** What is given, or a function that returns it, also a function of the latest function. */
type Given<Value> = Value | (() => Given<Value> | Promise<Given<Value>>);
/** A field without a value is not sent. */
type Fields = Record<string, string | undefined> | undefined;

export type ClientOptions = {
  /** The URL of the server, without the API prefix: `https://media.example.com`. */
  baseURL: string;
  /**
   * A bearer token, or a function that returns the current one, called for each attempt, and once more if the server refuses the token.
   * Without one, only public media can be read.
   */
  token?: Given<string>;
  /** The API prefix of the server's configuration. Default `/v1`. */
  apiPrefix?: string | undefined;
  /** Sent with each request to the API, never to storage; a function is called for each attempt. */
  headers?: Given<Fields>;
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
  /** A client of the same server with another prefix, or with headers besides its own, which they override. */
  with: (own: Pick<ClientOptions, 'apiPrefix' | 'headers'>) => Client;
}

const valueOf = async <Value extends string | Fields>(given: Given<Value>): Promise<Value> => (typeof given === 'function' ? valueOf(await given()) : given);

/** Calls that come while one is under way get its result: a token that is being renewed is not renewed by each of them. */
function shared<Value extends string | Fields>(given: Given<Value>): () => Promise<Value> {
  let pending: Promise<Value> | undefined;
  const read = async (): Promise<Value> => {
    try {
      return await valueOf(given);
    } finally {
      pending = undefined;
    }
  };
  return () => (pending ??= read());
}

/** The whole API, typed by its contract. Opens no event stream until something is followed. */
export function createClient(options: ClientOptions): Client {
  const { baseURL, token, apiPrefix = usualPrefix, headers, fetch: fetchOption } = options;
  const connection: Connection = {
    baseURL: baseURL.replace(/\/+$/, ''),
    apiPrefix,
    token: shared(token),
    headers: shared(headers),
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
      follow: (filter = {}, follow = {}) => followEvents(connection, filter, follow),
      subscribe: hub.subscribe,
    },
    upload: (file, destination = {}, upload = {}) => startUpload({ connection, hub, rules }, file, destination, upload),
    with: (own) =>
      createClient({
        ...options,
        apiPrefix: own.apiPrefix ?? apiPrefix,
        headers: async () => ({ ...(await valueOf(headers)), ...(await valueOf(own.headers)) }),
      }),
  };
}
