import type { GoogleGenAI } from '@google/genai';

import { glance } from '../glance.ts';
import { ProviderFailure, type Begun, type GenerationRequest, type Glance, type Operation, type Polled } from '../generator.ts';
import { asCode, budgetUsedUp, field, nothingCame, refused, textIn, usageIn } from '../provider-failures.ts';
import { failureOf } from './failure-of.ts';

type Call = { signal: AbortSignal; timeoutMs: number };

/** By default, the SDK sends a paid request up to five times. */
const once = ({ signal, timeoutMs }: Call) => ({ signal, timeout_ms: timeoutMs, retries: { strategy: 'none' } as const });

export async function beginVideo(client: GoogleGenAI, request: GenerationRequest, call: Call): Promise<Begun> {
  const { model, prompt, inputs, aspectRatio, resolution, durationSeconds } = request;
  const pictures = inputs.map(({ bytes, mimeType }) => ({ type: 'image' as const, data: bytes.toString('base64'), mime_type: mimeType }));
  const task = inputs.length === 0 ? 'text_to_video' : inputs.some(({ role }) => role === 'reference') ? 'reference_to_video' : 'image_to_video';
  const begun = await client.interactions
    .create(
      {
        model,
        input: [...pictures, { type: 'text', text: prompt }],
        response_format: {
          type: 'video',
          delivery: 'uri',
          ...(aspectRatio === undefined ? {} : { aspect_ratio: aspectRatio }),
          ...(resolution === undefined ? {} : { resolution }),
          ...(durationSeconds === undefined ? {} : { duration: `${durationSeconds}s` }),
        },
        generation_config: { video_config: { task } },
        background: true,
        store: true,
      },
      once(call),
    )
    .catch((cause: unknown) => {
      throw failureOf(cause, 'video') ?? cause;
    });
  if (typeof begun.id !== 'string' || begun.id === '') throw new Error('an answer without a name to ask by');
  return { state: 'started', operation: { id: begun.id } };
}

/** The states without a result so far. */
const running: ReadonlySet<unknown> = new Set(['queued', 'in_progress', 'requires_continuation']);

/** Polls like `pollVideo`, without the SDK. */
export async function glanceAtVideo({ baseURL, apiKey }: { baseURL: string; apiKey: string }, operation: Operation, signal: AbortSignal): Promise<Glance> {
  const url = `${baseURL.replace(/\/$/, '')}/v1/interactions/${encodeURIComponent(idOf(operation))}?include_input=false`;
  return await glance(url, { headers: { 'x-goog-api-key': apiKey }, signal, running });
}

/**
 * Polls once. A meaningless answer is an error, and another poll may settle it; a statement about the work is trusted. A busy or unreachable provider
 * is a failure that may be retried.
 */
export async function pollVideo(client: GoogleGenAI, operation: Operation, call: Call): Promise<Polled> {
  const seen: unknown = await client.interactions.get(idOf(operation), { include_input: false }, once(call)).catch((cause: unknown) => {
    const failure = failureOf(cause, 'video');
    throw failure?.againAfterSeconds === undefined ? new Error(`no answer about a video: ${failure?.forOperator ?? 'unknown'}`) : failure;
  });
  const status = field(seen, 'status');
  if (running.has(status)) return { state: 'running', progress: null, message: null };
  switch (status) {
    case 'completed':
      return { state: 'done', outputs: [resultOf(field(seen, 'output_video'))], usage: usageIn(seen, 'usage') };
    case 'budget_exceeded':
      throw budgetUsedUp({ forOperator: 'budget_exceeded' });
    case 'failed':
    case 'incomplete':
    case 'cancelled':
      throw ended(status, field(seen, 'errors'));
    default:
      throw new Error('an answer about a video without a state that is known');
  }
}

function resultOf(video: unknown): { bytes: Buffer } | { from: { uri: string } } | { failure: ProviderFailure } {
  const [uri, data] = [field(video, 'uri'), field(video, 'data')];
  if (typeof uri === 'string' && uri !== '') return { from: { uri } };
  if (typeof data === 'string' && data !== '') return { bytes: Buffer.from(data, 'base64') };
  return { failure: nothingCame('completed without a video') };
}

const policy = /safety|policy|polic|prohibited|blocked|responsible|recitation/i;

function ended(status: string, errors: unknown): ProviderFailure {
  const all: unknown[] = Array.isArray(errors) ? errors : [];
  if (status === 'failed' && all.some((error) => policy.test(`${textIn(error, 'code')} ${textIn(error, 'message')}`))) return refused();
  const codes = all.map((error) => asCode(textIn(error, 'code'))).join(', ');
  return new ProviderFailure('provider_failed', 'The provider could not make this video.', { isBilled: true, forOperator: `${status}: ${codes || 'no code'}` });
}

export async function cancelVideo(client: GoogleGenAI, operation: Operation, call: Call): Promise<'stopped' | 'too_late' | 'unknown'> {
  try {
    const said: unknown = await client.interactions.cancel(idOf(operation), {}, once(call));
    return field(said, 'status') === 'cancelled' ? 'stopped' : field(said, 'status') === 'completed' ? 'too_late' : 'unknown';
  } catch (error) {
    // An ended operation cannot be cancelled; the outcome of an unknown one is unknown.
    const status = field(error, 'status');
    return status === 400 || status === 409 ? 'too_late' : 'unknown';
  }
}

function idOf(operation: Operation): string {
  const id = field(operation, 'id');
  if (typeof id !== 'string') throw new Error('this is the name of no video');
  return id;
}
