import type { Readable } from 'node:stream';

import type { ErrorCode } from '@safelight/contract/errors';
import type { GenerationModel, GenerationProvider } from '@safelight/contract/generation';
import type { GeneratedKind } from './generated-kinds.ts';

export type InputPicture = { role: string; bytes: Buffer; mimeType: string };

/** What a provider says of a model; when it ends and what it costs is known elsewhere. */
export type MadeModel = Omit<GenerationModel, 'price' | 'shutdownDate'>;

/** What a model can do; and what a provider's models of each kind can. */
export type Abilities = Omit<MadeModel, 'provider' | 'model' | 'kinds' | 'available' | 'reason'>;
export type AbilitiesByKind = Record<GeneratedKind, Abilities>;

/** One paid call. */
export type GenerationRequest = {
  kind: GeneratedKind;
  model: string;
  prompt: string;
  /** How many pictures this call asks for, and the index of the first. */
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
  /** Stands for the owner at the provider, and names nobody. */
  ownerToken: string;
  options?: { delayMs?: number; fail?: true | string; failIndex?: number };
};

/** JSON, kept by us and understood by the adapter alone. */
export type Operation = unknown;
export type Usage = Record<string, unknown>;
/** What came of one picture of the call, in their order: bytes, a place that `open` reads, or a failure of this one alone. */
export type Output = { bytes: Buffer } | { from: unknown } | { failure: ProviderFailure };

export type Done = { state: 'done'; outputs: Output[]; usage: Usage };
export type Begun = Done | { state: 'started'; operation: Operation };
export type Polled = Done | { state: 'running'; progress: number | null; message: string | null };

/**
 * How it looks from afar: the provider still works on it, it has no time to say or is not there, or it says something that is worth a real
 * look.
 */
export type Glance = { is: 'running'; progress: number | null } | { is: 'silent' } | { is: 'news' };

type Call = { signal: AbortSignal };

/**
 * Somebody who makes media from a prompt. A call of `start` may cost money, so it sends one request and never a second one. It rejects with
 * {@link ProviderFailure}, which says whether any work began; whatever else it rejects with means that nobody can know.
 */
export type Generator = {
  provider: GenerationProvider;
  /** Asking again costs nothing, so what a dead worker had begun is simply begun anew. */
  isFree: boolean;
  models(): MadeModel[];
  /** Whether one call makes all pictures of a request. */
  takesMany: boolean;
  start(request: GenerationRequest, call: Call): Promise<Begun>;
  poll?(operation: Operation, call: Call): Promise<Polled>;
  /** Whether `poll` would say anything new, for as little as it can be had: asked every few seconds. Without it `poll` is. */
  glance?(operation: Operation, call: Call): Promise<Glance>;
  cancel?(operation: Operation, call: Call): Promise<'stopped' | 'too_late' | 'unknown'>;
  open?(from: unknown, call: Call): Promise<Readable>;
};

export type Generators = Partial<Record<GenerationProvider, Generator>>;

type FailureFacts = {
  /** False where no work began or its provider charges nothing for it: then the owner's allowance is given back. */
  isBilled: boolean;
  /** Set where no work began and the same request may be sent again, after so many seconds. */
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

/** It was sent, and no answer tells what became of it. */
export const unknownOutcome = (cause?: unknown): ProviderFailure =>
  new ProviderFailure('outcome_unknown', 'The provider was asked and nobody can tell whether it did the work. Trying again may cost again.', {
    isBilled: true,
    cause,
  });
