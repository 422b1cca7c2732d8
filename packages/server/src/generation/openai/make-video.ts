/* oxlint-disable typescript/no-deprecated -- OpenAI has ended its own videos; the servers that this is for still speak this protocol. */
import { Readable } from 'node:stream';

import type { OpenAI } from 'openai';

import { owned } from '../../lib/owned.ts';
import { glance, shareOf } from '../glance.ts';
import { ProviderFailure, type Begun, type GenerationRequest, type Glance, type Operation, type Polled } from '../generator.ts';
import { failureOf } from './failure-of.ts';
import { asCode, field, refused, textIn } from '../provider-failures.ts';

/** The values that the protocol allows. */
export const seconds = ['4', '8', '12'] as const;
export const sizes = ['1280x720', '720x1280', '1792x1024', '1024x1792'] as const;

const known = <Value extends string>(values: readonly Value[], value: string | undefined): Value | undefined => values.find((one) => one === value);

export async function beginVideo(client: OpenAI, request: GenerationRequest, signal: AbortSignal): Promise<Begun> {
  const { model, prompt, inputs, durationSeconds } = request;
  const [duration, size] = [known(seconds, durationSeconds?.toString()), known(sizes, request.size)];
  const [first] = inputs;
  const { toFile } = await import('openai');
  const reference = first === undefined ? undefined : await toFile(first.bytes, `input.${first.mimeType.split('/')[1] ?? 'png'}`, { type: first.mimeType });
  const begun: unknown = await client.videos
    .create(
      {
        model,
        prompt,
        ...(duration === undefined ? {} : { seconds: duration }),
        ...(size === undefined ? {} : { size }),
        ...(reference === undefined ? {} : { input_reference: reference }),
      },
      { signal },
    )
    .catch((cause: unknown) => {
      throw failureOf(cause) ?? cause;
    });
  const id = field(begun, 'id');
  if (typeof id !== 'string' || id === '') throw new Error('an answer without a name to ask by');
  return { state: 'started', operation: { id } };
}

/** The states without a result so far. */
const running: ReadonlySet<unknown> = new Set(['queued', 'in_progress']);

/** Polls like `pollVideo`, without the SDK. */
export async function glanceAtVideo({ baseURL, apiKey }: { baseURL: string; apiKey: string }, operation: Operation, signal: AbortSignal): Promise<Glance> {
  const url = `${baseURL.replace(/\/$/, '')}/videos/${encodeURIComponent(idOf(operation))}`;
  return await glance(url, { headers: { authorization: `Bearer ${apiKey}` }, signal, running });
}

/** Polls once. A busy or unreachable server may be retried; any other meaningless answer is an error, and another poll may settle it. */
export async function pollVideo(client: OpenAI, operation: Operation, signal: AbortSignal): Promise<Polled> {
  const id = idOf(operation);
  const seen: unknown = await client.videos.retrieve(id, { signal }).catch((cause: unknown) => {
    const failure = failureOf(cause);
    throw failure?.againAfterSeconds === undefined ? new Error(`no answer about a video: ${failure?.forOperator ?? 'unknown'}`) : failure;
  });
  const status = field(seen, 'status');
  if (running.has(status)) return { state: 'running', progress: shareOf(field(seen, 'progress')), message: null };
  switch (status) {
    case 'completed':
      return { state: 'done', outputs: [{ from: { id } }], usage: {} };
    case 'failed':
      throw failed(textIn(field(seen, 'error'), 'code'));
    default:
      throw new Error('an answer about a video without a state that is known');
  }
}

function failed(code: string): ProviderFailure {
  if (/moderation|policy|safety/.test(code)) return refused();
  return new ProviderFailure('provider_failed', 'The provider could not make this video.', {
    isBilled: true,
    forOperator: `failed: code ${asCode(code)}`,
  });
}

/** In this protocol, deleting a running operation stops it. */
export async function cancelVideo(client: OpenAI, operation: Operation, signal: AbortSignal): Promise<'stopped' | 'too_late' | 'unknown'> {
  try {
    return field(await client.videos.delete(idOf(operation), { signal }), 'deleted') === true ? 'stopped' : 'unknown';
  } catch (error) {
    const status = field(error, 'status');
    return status === 400 || status === 409 ? 'too_late' : 'unknown';
  }
}

export async function openVideo(client: OpenAI, from: unknown, signal: AbortSignal): Promise<Readable> {
  const { body } = await client.videos.downloadContent(idOf(from), {}, { signal });
  if (body === null) throw new Error('a video without bytes');
  return owned(Readable.from(body, { objectMode: false }));
}

function idOf(operation: unknown): string {
  const id = field(operation, 'id');
  if (typeof id !== 'string') throw new Error('this is the name of no video');
  return id;
}
