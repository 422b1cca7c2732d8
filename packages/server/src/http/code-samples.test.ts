import { operations, type Operation } from '@safelight/contract/operations';
import { expect, test } from 'vitest';

import { openapiDocument } from './openapi.ts';

type Described = {
  operationId: string;
  requestBody?: { content: Record<string, { example?: unknown }> };
  'x-codeSamples': { label: string; source: string }[];
};

const document = openapiDocument({ apiPrefix: '/v1', baseURL: 'https://media.example.com', version: '1.0.0' });
const described = new Map(
  Object.values(document.paths ?? {})
    .flatMap((methods) => Object.values(methods as Record<string, Described>))
    .map((one) => [one.operationId, one]),
);
const sourceOf = (id: string, label: string): string => described.get(id)?.['x-codeSamples'].find((one) => one.label === label)?.source ?? '';

test('every operation has samples in curl and TypeScript, including those of other protocols', () => {
  expect(described.size).toBeGreaterThan(Object.keys(operations).length);
  for (const [id, { 'x-codeSamples': samples }] of described) {
    expect({ id, labels: samples.map(({ label }) => label) }).toEqual({ id, labels: ['curl', 'TypeScript'] });
    for (const { source } of samples) expect(source, id).not.toMatch(/undefined|\{\w+\}\/|NaN|\[object/);
  }
});

test('the body of every example is valid for its operation', () => {
  const bodies = Object.entries<Operation>(operations).flatMap(([id, { body }]) => (body === undefined ? [] : [{ id, body }]));
  expect(bodies.length).toBeGreaterThan(10);
  for (const { id, body } of bodies) {
    const example = described.get(id)?.requestBody?.content['application/json']?.example;
    expect(body.safeParse(example).error?.issues ?? [], id).toEqual([]);
  }
});

test('a sample shows the request, and names the result', () => {
  expect(sourceOf('uploadDirect', 'curl')).toBe(
    `curl -X POST 'https://media.example.com/v1/media' \\
  -H "Authorization: Bearer $TOKEN" \\
  -F 'collection=artist.images' \\
  -F 'entityType=artist' \\
  -F 'entityId=ada' \\
  -F 'altText=A window at dusk' \\
  -F 'file=@window.jpg'`,
  );
  expect(sourceOf('createWebhook', 'TypeScript')).toContain(
    "const { webhook } = await client.request('createWebhook', { body: { url: 'https://example.com/media-events' } });",
  );
  expect(sourceOf('followEvents', 'TypeScript')).toContain('for await (const { event, data } of client.events.follow())');
  expect(sourceOf('appendTusBytes', 'curl')).toContain("-H 'upload-offset: 0'");
  expect(sourceOf('readMedia', 'curl')).not.toContain('Authorization');
});
