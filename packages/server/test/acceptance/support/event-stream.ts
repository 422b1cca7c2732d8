import { onTestFinished, expect } from 'vitest';

import { nextServer, target } from './api.ts';

// The content of an event is what the tests check.
// oxlint-disable-next-line typescript/no-explicit-any
export type Told = { id: string; event: string; data: any };

/** Follows events like a client, in the background, until the test ends. */
export async function follow(
  query: string,
  options: { token?: string; after?: string; server?: string } = {},
): Promise<{ got: Told[]; names(): string[]; until(event: string): Promise<Told>; stop(): void }> {
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const response = await fetch(`${options.server ?? nextServer()}/v1/events${query}`, {
    signal: stopping.signal,
    headers: { authorization: `Bearer ${options.token ?? target.token}`, ...(options.after === undefined ? {} : { 'last-event-id': options.after }) },
  });
  expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({ status: 200, type: expect.stringMatching(/^text\/event-stream/) });
  const got: Told[] = [];
  void (async () => {
    let rest = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
        const data = fields.get('data');
        if (data !== undefined) got.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined);
  return {
    got,
    names: () => got.map(({ event }) => event),
    async until(event) {
      await expect.poll(() => got.map((told) => told.event), { timeout: 30_000, interval: 20 }).toContain(event);
      return got.findLast((told) => told.event === event) as Told;
    },
    stop: () => stopping.abort(),
  };
}
