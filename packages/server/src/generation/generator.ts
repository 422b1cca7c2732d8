import type { Readable } from 'node:stream';

import type { ErrorCode } from '@safelight/contract/errors';
import type { GenerationModel, GenerationProvider } from '@safelight/contract/generation';
import type { GeneratedKind } from './generated-kinds.ts';

export type InputPicture = { role: string; bytes: Buffer; mimeType: string };

/** A provider's description of a model; its shutdown date and its price come from elsewhere. */
export type MadeModel = Omit<GenerationModel, 'price' | 'shutdownDate'>;

/** The abilities of a model, or of a provider's models of each kind. */
export type Abilities = Omit<MadeModel, 'provider' | 'model' | 'kinds' | 'available' | 'reason'>;
export type AbilitiesByKind = Record<GeneratedKind, Abilities>;

/** One paid call. */
export type GenerationRequest = {
  kind: GeneratedKind;
  model: string;
  prompt: string;
  /** The number of pictures in this call, and the index of the first. */
  n: number;
  index: number;
  size?: string;
  aspectRatio?: string;
  resolution?: string;
  quality?: string;
  format?: 'png' | 'jpeg' | 'webp';
  background?: string;
  seed?: number;
  durationSeconds?: number;
  audio?: boolean;
  inputs: InputPicture[];
  /** Stands for the owner at the provider, without naming anybody. */
  ownerToken: string;
  options?: { delayMs?: number; fail?: true | string; failIndex?: number };
};

/** JSON that we store and only the adapter understands. */
export type Operation = unknown;
export type Usage = Record<string, unknown>;
/** The result for one picture of the call, in order: bytes, a place that `open` reads, or a failure of this one alone. */
export type Output = { bytes: Buffer } | { from: unknown } | { failure: ProviderFailure };

export type Done = { state: 'done'; outputs: Output[]; usage: Usage };
export type Begun = Done | { state: 'started'; operation: Operation };
export type Polled = Done | { state: 'running'; progress: number | null; message: string | null };

/** The result of a glance: the provider still works on it, it is busy or unreachable, or something has changed and needs a real poll. */
export type Glance = { is: 'running'; progress: number | null } | { is: 'silent' } | { is: 'news' };

type Call = { signal: AbortSignal };

/**
 * Makes media from prompts. A call of `start` may cost money, so it sends exactly one request. It rejects with {@link ProviderFailure}, which says
 * whether any work began; any other error means that the outcome is unknown.
 */
export type Generator = {
  provider: GenerationProvider;
  /** Repeating costs nothing, so the work of a dead worker is simply started anew. */
  isFree: boolean;
  models(): MadeModel[];
  /** Whether one call makes all pictures of a request. */
  takesMany: boolean;
  start(request: GenerationRequest, call: Call): Promise<Begun>;
  poll?(operation: Operation, call: Call): Promise<Polled>;
  /** Whether `poll` would report anything new, as cheaply as possible: called every few seconds. Without it, `poll` is called. */
  glance?(operation: Operation, call: Call): Promise<Glance>;
  cancel?(operation: Operation, call: Call): Promise<'stopped' | 'too_late' | 'unknown'>;
  open?(from: unknown, call: Call): Promise<Readable>;
};

export type Generators = Partial<Record<GenerationProvider, Generator>>;

type FailureFacts = {
  /** False when no work began or the provider charges nothing for it: then the owner's allowance is returned. */
  isBilled: boolean;
  /** Set when no work began and the same request may be repeated after this many seconds. */
  againAfterSeconds?: number;
  /** For the log and `doctor`; never shown to an owner. */
  forOperator?: string;
  cause?: unknown;
};

/** Why a provider made nothing. `message` is for the owner. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  readonly code: ErrorCode;
  readonly isBilled: boolean;
  readonly againAfterSeconds: number | undefined;
  readonly forOperator: string | undefined;
  constructor(code: ErrorCode, message: string, facts: FailureFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.isBilled = facts.isBilled;
    this.againAfterSeconds = facts.againAfterSeconds;
    this.forOperator = facts.forOperator;
  }
}

/** The request was sent, and no answer tells its outcome. */
export const unknownOutcome = (cause?: unknown): ProviderFailure =>
  new ProviderFailure('outcome_unknown', 'The provider was asked and nobody can tell whether it did the work. Trying again may cost again.', {
    isBilled: true,
    cause,
  });
