import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { generationModelSchema } from '@safelight/contract/generation';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ProviderFailure, type GenerationRequest, type Generator, type Polled } from '../../src/generation/generator.ts';
import { sniffType } from '../../src/filetypes/sniff.ts';
import type { Answering, Seen } from './provider-stub.ts';

/** A stub of the provider, and the adapter that uses it. */
export type Harness = { generator: Generator; seen: Seen[] };

export type Provider = {
  name: string;
  request: GenerationRequest;
  /** Answers normally; or, with `answer`, answers the paid request in this way. */
  open(does?: { answer?: Answering; baseURL?: string; timeoutMs?: number }): Promise<Harness>;
  /** Which of the requests to the stub cost money. */
  isPaid(seen: Seen): boolean;
  /** The provider's answers in each case, in its own words. */
  says: Partial<Record<'refusal' | 'budget' | 'busyFor7Seconds' | 'overloaded' | 'wrongKey' | 'nothing', Answering>>;
};

/** Like at any moment on a busy machine. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collect();
    await nextTurn();
  }
}

const noProvider = 'key-test';
const status =
  (code: number, body = 'no'): Answering =>
  (_, response) =>
    void response.writeHead(code, { 'content-type': 'text/html' }).end(body);

/** The tests that every provider over the network has to pass, with the official SDK and a strict stub. */
export function generatorConformance(provider: Provider): void {
  const start = async ({ generator }: Harness, timeoutMs = 10_000) => await generator.start(provider.request, { signal: AbortSignal.timeout(timeoutMs) });
  const paid = ({ seen }: Harness) => seen.filter(provider.isPaid).length;

  describe(`${provider.name}, ${provider.request.kind}`, () => {
    test('describes its models as the contract says', async () => {
      const models = (await provider.open()).generator.models();
      expect(z.array(generationModelSchema.omit({ price: true, shutdownDate: true })).safeParse(models).error).toBeUndefined();
      expect(models.some(({ kinds, model }) => kinds.includes(provider.request.kind) && model === provider.request.model)).toBe(true);
    });

    test('generates the requested outputs with one paid request', async () => {
      const harness = await provider.open();
      const made = await finish(harness.generator, await start(harness));
      expect(made).toHaveLength(harness.generator.takesMany && provider.request.kind === 'image' ? provider.request.n : 1);
      for (const bytes of made) expect(sniffType(bytes.subarray(0, 4096))).toMatchObject({ kind: provider.request.kind });
      expect(paid(harness)).toBe(1);
    });

    const failures: [keyof Provider['says'], Partial<ProviderFailure>][] = [
      ['refusal', { code: 'provider_refused', isBilled: false, againAfterSeconds: undefined }],
      ['budget', { code: 'provider_quota', isBilled: false, againAfterSeconds: undefined }],
      ['busyFor7Seconds', { code: 'provider_failed', isBilled: false, againAfterSeconds: 7 }],
      ['overloaded', { code: 'provider_failed', isBilled: false, againAfterSeconds: 5 }],
      ['wrongKey', { code: 'provider_failed', isBilled: false, message: 'Generation is not available now.' }],
      ['nothing', { code: 'provider_failed', isBilled: true }],
    ];
    test.each(failures.filter(([what]) => provider.says[what] !== undefined))('says what came of it, having sent it once: %s', async (what, failure) => {
      const harness = await provider.open({ answer: provider.says[what] ?? status(500) });
      const error = await failureOf(start(harness));
      expect(error).toBeInstanceOf(ProviderFailure);
      expect(error).toMatchObject(failure);
      expect(paid(harness)).toBe(1);
    });

    const unknown: [string, Answering][] = [
      ['500', status(500)],
      ['502', status(502, '<html>')],
      ['503 of something in between', status(503, '<html>')],
      ['504', status(504)],
      ['a reset', (_, response) => void response.socket?.destroy()],
      [
        'a cut answer',
        (_, response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).write('{"id', () => response.destroy()),
      ],
      ['silence', () => undefined],
    ];
    test.each(unknown)('leaves the outcome unknown, and never sends again: %s', async (_what, answer) => {
      const harness = await provider.open({ answer, timeoutMs: 400 });
      const error = await failureOf(start(harness));
      expect(error instanceof ProviderFailure && !error.isBilled).toBe(false);
      expect(error instanceof ProviderFailure && error.againAfterSeconds !== undefined).toBe(false);
      expect(paid(harness)).toBe(1);
    });

    test('has begun nothing if nobody listens, so the same request may be sent again', async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      const error = await failureOf(start(await provider.open({ baseURL: `http://127.0.0.1:${port}` })));
      expect(error).toMatchObject({ isBilled: false, againAfterSeconds: 5 });
    });

    test('ends at once when it is cancelled', async () => {
      const { promise: asked, resolve } = Promise.withResolvers<void>();
      const harness = await provider.open({ answer: () => resolve() });
      const cancel = new AbortController();
      const ended = failureOf(harness.generator.start(provider.request, { signal: cancel.signal }));
      await asked;
      // A signal listener on a request that nobody references is lost here: the server sends nothing, and the test would never end.
      await collectGarbage();
      cancel.abort(new Error('cancelled'));
      expect(await ended).not.toBeInstanceOf(ProviderFailure);
    });

    test('does not follow a redirect of a paid request', async () => {
      const elsewhere = await provider.open();
      const harness = await provider.open({ answer: (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end() });
      expect(await failureOf(start(harness))).toBeInstanceOf(Error);
      expect([paid(harness), paid(elsewhere)]).toEqual([1, 0]);
    });

    test('does not read an endless answer', async () => {
      const harness = await provider.open({
        answer: (_, response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          const chunk = Buffer.alloc(1 << 18, ' ');
          const more = (): void => void (response.destroyed || response.write(chunk, () => setImmediate(more)));
          more();
        },
      });
      const error = await failureOf(start(harness, 60_000));
      expect(error).toMatchObject({ code: 'provider_failed', isBilled: true });
      expect(paid(harness)).toBe(1);
    });

    test('has neither key nor prompt in its errors', async () => {
      const { prompt } = provider.request;
      const echo: Answering = ({ headers }, response) =>
        void response
          .writeHead(500, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: { message: `${prompt} ${headers.authorization}`, code: 400 } }));
      const error = await failureOf(start(await provider.open({ answer: echo })));
      if (error instanceof ProviderFailure) expect(`${error.message} ${error.forOperator}`).not.toMatch(new RegExp(`${prompt}|${noProvider}`));
    });
  });
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  const ended: unknown = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (typeof ended === 'object' && ended !== null && 'error' in ended) return ended.error;
  // If several were generated, the outcome of the first.
  const { outputs } = (ended as { value: { outputs?: { failure?: unknown }[] } }).value;
  return outputs?.[0]?.failure;
};

/** All bytes of a generation, however it works: polls until it is done, and downloads what is stored elsewhere. */
async function finish(generator: Generator, begun: Awaited<ReturnType<Generator['start']>>): Promise<Buffer[]> {
  const signal = AbortSignal.timeout(20_000);
  let now: Polled | { state: 'started'; operation: unknown } = begun;
  const operation: unknown = begun.state === 'started' ? JSON.parse(JSON.stringify(begun.operation)) : null;
  for (let looks = 0; now.state !== 'done' && looks < 20; looks++) now = (await generator.poll?.(operation, { signal })) ?? now;
  if (now.state !== 'done') throw new Error('it never ends');
  return await Promise.all(
    now.outputs.map(async (output) => {
      if ('failure' in output) throw output.failure;
      if ('bytes' in output) return output.bytes;
      const stream = await generator.open?.(output.from, { signal });
      if (stream === undefined) throw new Error('nothing opens it');
      return await buffer(stream);
    }),
  );
}
