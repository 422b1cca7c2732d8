export { createClient, type Client, type ClientOptions } from './create-client.ts';
export { SafelightProblem, type ProblemCode } from './problem.ts';
export type { AnswerOf, CallOptions, Reply, RequestInput } from './request.ts';
export type { EventFilter, FollowOptions, SafelightEvent, StreamState } from './events.ts';
export type { EventHub, HubListener, HubState } from './event-hub.ts';
export { createStore, type Store } from './store.ts';
export type { FileSource } from './upload/file-source.ts';
export type { UploadOptions, UploadResult, UploadSnapshot, UploadState, UploadTask } from './upload/upload.ts';
