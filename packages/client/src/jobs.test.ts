import type { ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import { answer, refuse, startServer } from '../test/protocol-server.ts';
import { createClient } from './create-client.ts';

const id = '01930000-0000-7000-8000-00000000000a';

/** A server whose job is given by the test, and a stream that the test writes to, or none. */
async function jobServer(jobs: (() => object | null)[], hasStream: boolean) {
  let stream: ServerResponse | undefined;
  let reads = 0;
  const { baseURL } = await startServer((request, response) => {
    if (request.url.startsWith('/v1/events')) {
      if (!hasStream) return refuse(response, 'not_found', 'It is not there.');
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void stream.write(': hello\n\n');
    }
    const job = jobs[Math.min(reads, jobs.length - 1)]?.();
    reads += 1;
    if (job) answer(response, 200, { job: { id, progress: null, message: null, ...job } });
    else refuse(response, 'unavailable', 'Not now.');
  });
  const say = (event: string, data: object): void => void stream?.write(`id: 1\nevent: ${event}\ndata: ${JSON.stringify({ at: '', jobId: id, ...data })}\n\n`);
  return { client: createClient({ baseURL }), say, hasListener: () => stream !== undefined, reads: () => reads };
}

test('waiting for a job works without a stream, over a passing fault, and reports progress', async () => {
  const { client } = await jobServer([() => ({ state: 'active', progress: 0.5 }), () => null, () => ({ state: 'complete', progress: 1 })], false);
  const seen: (number | null)[] = [];
  const troubles: string[] = [];
  const job = await client.jobs.wait(id, { onChange: ({ progress }) => seen.push(progress), onTrouble: ({ code }) => troubles.push(code) });
  expect(job.state).toBe('complete');
  expect(seen).toEqual([0.5, 1]);
  expect(troubles).toEqual(['unavailable']);
});

test('progress from the stream needs no request, and other events are a reason to read the job', async () => {
  let state = 'active';
  const { client, say, hasListener, reads } = await jobServer([() => ({ state })], true);
  const seen: (number | null)[] = [];
  const ended = client.jobs.wait(id, { onChange: ({ progress }) => seen.push(progress) });
  await expect.poll(() => hasListener() && seen.length > 0).toBe(true);
  const before = reads();
  say('generation_progress', { progress: 0.25 });
  say('generation_progress', { progress: 0.25, jobId: 'another' });
  await expect.poll(() => seen.filter((progress) => progress === 0.25).length).toBe(1);
  expect(reads() - before).toBeLessThanOrEqual(1);
  state = 'cancelled';
  say('generation_failed', {});
  expect((await ended).state).toBe('cancelled');
});

test('an aborted wait rejects, and a missing job is not waited for', async () => {
  const { client } = await jobServer([() => ({ state: 'active' })], true);
  const own = new AbortController();
  const waiting = client.jobs.wait(id, { signal: own.signal, onChange: () => own.abort(new Error('enough')) });
  await expect(waiting).rejects.toThrow('enough');
  const { baseURL } = await startServer((_request, response) => refuse(response, 'not_found', 'It is not there.'));
  await expect(createClient({ baseURL }).jobs.wait(id)).rejects.toMatchObject({ code: 'not_found' });
});
