export { createClient, type Client, type ClientOptions } from './create-client.ts';
export { asProblem, SafelightProblem, type ProblemCode } from './problem.ts';
export type { RuleViolation } from '@safelight/contract/check-media-rules';
export type {
  Destination,
  EntityMedia,
  EntityMediaSync,
  GenerateImage as ImageRequest,
  GenerateVideo as VideoRequest,
  Generated,
  Job,
  Media,
  MediaList,
  MediaRules,
  Policy,
  TrayMedia,
  Upload,
  Variant,
} from '@safelight/contract/api';
export type { AnswerOf, CallOptions, OperationId, Reply, RequestInput } from './request.ts';
export type { PolicyWithEtag } from './policies.ts';
export type { DiscrepancySummary } from './discrepancies.ts';
export type { EventFilter, FollowOptions, SafelightEvent, StreamState } from './events.ts';
export type { EventHub, HubListener, HubState } from './event-hub.ts';
export type { WaitOptions } from './jobs.ts';
export { mostChars } from '@safelight/contract/limits';
export { createStore, type Store } from './store.ts';
export type { FileSource } from './upload/file-source.ts';
export type { Resumable, ResumeStore } from './upload/resume-store.ts';
export { untouched, type UploadOptions, type UploadResult, type UploadSnapshot, type UploadState, type UploadTask } from './upload/upload.ts';
