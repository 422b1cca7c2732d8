import { beforeAll, describe, expect, test } from 'vitest';

import { operations as contract } from '@safelight/contract/operations';

import { validValueOf, pathsIn, replacedAt } from '../fuzz/valid-value-of.ts';
import { judgeAnswer } from '../fuzz/judge-answer.ts';
import { readOperations, type ApiDocument, type Parameter, type ReadOperation } from '../fuzz/read-operations.ts';
import { encoded, headerText, sendRequest, textOf, type WireRequest } from '../fuzz/send-request.ts';
import { ask, nextServer, target } from './support/api.ts';

let deep: unknown = 'x';
for (let level = 0; level < 1_000; level += 1) deep = { x: deep };

/** `mustRefuse` only where the value can arrive at all: an address cannot hold half of a surrogate pair, and no header can hold a zero. */
const values: { what: string; value: unknown; mustRefuse: readonly Holds[] }[] = [
  { what: 'a zero character', value: 'a\0b', mustRefuse: ['address', 'body', 'form'] },
  { what: 'half of a character', value: 'a\ud800', mustRefuse: ['body'] },
  { what: '3,000 characters', value: 'A'.repeat(3_000), mustRefuse: [] },
  { what: 'null', value: null, mustRefuse: [] },
  { what: 'a list', value: ['x'], mustRefuse: [] },
  { what: 'something nested deeply', value: deep, mustRefuse: [] },
  { what: 'an enormous number', value: 2 ** 53, mustRefuse: [] },
  { what: 'a broken number', value: -0.5, mustRefuse: [] },
];
/** An id that does not exist, because the subject of these requests must not matter. */
const nobody = '01900000-0000-7000-8000-000000000000';
const filled = (text: string): string => text.replaceAll(/\{\{\w+\}\}/g, nobody);

type Holds = 'address' | 'header' | 'body' | 'form';
type Case = { field: string; request(value: unknown): WireRequest; holds: Holds };

const authorization = `Bearer ${target.token}`;

/** One case for each field of an operation, in which only that field is wrong. */
function casesOf(operation: ReadOperation): Case[] {
  const { method, parameters, json, form } = operation;
  const given = parameters.map((one) => ({ ...one, value: validValueOf(one.schema, one.name) }));
  const pathWith = (changed?: Parameter, value?: unknown): string => {
    const valueOf = (one: (typeof given)[number]): unknown => (one.name === changed?.name && one.in === changed.in ? value : one.value);
    const path = given.reduce((url, one) => (one.in === 'path' ? url.replace(`{${one.name}}`, encoded(valueOf(one))) : url), operation.path);
    const query = given.filter((one) => one.in === 'query' && (one.required || one.name === changed?.name));
    return filled(path) + (query.length === 0 ? '' : `?${query.map((one) => `${one.name}=${encoded(valueOf(one))}`).join('&')}`);
  };
  const body = json === null ? null : validValueOf(json);
  const jsonOf = (value: unknown): WireRequest => ({
    method,
    path: pathWith(),
    // A version that nothing has, so that valid requests change nothing either.
    headers: { authorization, 'content-type': 'application/json', 'if-match': '"none"' },
    body: value === null && json === null ? null : filled(JSON.stringify(value)),
  });
  return [
    ...parameters.map((one): Case => ({
      field: `${one.in} ${one.name}`,
      holds: one.in === 'header' ? 'header' : 'address',
      request: (value) =>
        one.in === 'header'
          ? { ...jsonOf(body), headers: { ...jsonOf(body).headers, [one.name]: headerText(value) } }
          : { ...jsonOf(body), path: pathWith(one, value) },
    })),
    ...(body === null
      ? []
      : pathsIn(body).map((path): Case => ({ field: `body ${path.join('.')}`, holds: 'body', request: (value) => jsonOf(replacedAt(body, path, value)) }))),
    ...Object.keys(form?.properties ?? {})
      .filter((name) => name !== 'file')
      .map((name): Case => ({ field: `form ${name}`, holds: 'form', request: (value) => formOf(operation, pathWith(), name, value) })),
  ];
}

function formOf({ method, form }: ReadOperation, path: string, changed: string, value: unknown): WireRequest {
  const example = validValueOf(form ?? {}, '', 'required');
  const fields = { ...(typeof example === 'object' ? example : {}), entityType: 'artist', entityId: 'fuzz', [changed]: value };
  const parts = Object.entries(fields)
    .filter(([name]) => name !== 'file' && name in (form?.properties ?? {}))
    .map(([name, one]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${textOf(one)}\r\n`);
  const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\nbytes\r\n--b--\r\n';
  return { method, path, headers: { authorization, 'content-type': 'multipart/form-data; boundary=b' }, body: filled(parts.join('') + file) };
}

describe('every field of every operation', () => {
  let operations: ReadOperation[] = [];
  beforeAll(async () => {
    operations = readOperations((await ask('GET', '//openapi.json')).body as ApiDocument);
  });

  test.each(values)('is refused or taken, in words for people, when it holds $what', async ({ value, mustRefuse }) => {
    const faults: string[] = [];
    let asked = 0;
    const waiting = operations.flatMap((operation) => casesOf(operation).map((one) => ({ id: operation.id, ...one })));
    const work = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const wire = one.request(value);
        const answer = await sendRequest(nextServer(), wire);
        asked += 1;
        const fault = judgeAnswer(wire.method, answer);
        if (fault !== null) faults.push(`${one.id}, ${one.field}: ${fault}`);
        else if (mustRefuse.includes(one.holds) && (answer.status < 400 || answer.status >= 500))
          faults.push(`${one.id}, ${one.field}: took it (${answer.status})`);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    expect(faults).toEqual([]);
    expect(asked).toBeGreaterThan(100);
  });

  test('refuses an unknown name, wherever it occurs', async () => {
    const faults: string[] = [];
    const expectRefused = async (id: string, where: string, wire: WireRequest): Promise<void> => {
      const { status, body } = await sendRequest(nextServer(), wire);
      if (status !== 400 || !/"field":"(?:[\w.]+\.)?nonesuch","message":"not known here/.test(body))
        faults.push(`${id}, ${where}: ${status} ${body.slice(0, 200)}`);
    };
    for (const operation of operations) {
      const { id, method, json, form } = operation;
      // Buyers' routes and other protocols check something else first: a signature, a version, whether it exists.
      if (!(id in contract)) continue;
      const path = filled(operation.path.replace('{language}', 'en').replaceAll(/\{(\w+)\}/g, '{{$1}}'));
      const headers = { authorization, 'if-match': '"none"' };
      if (id !== 'deleteMediaByPath') await expectRefused(id, 'query', { method, path: `${path}?nonesuch=1`, headers, body: null });
      const body = json === null ? null : validValueOf(json);
      for (const at of pathsIn(body)) {
        const inner = at.reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined), body);
        if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue;
        const changed = filled(JSON.stringify(replacedAt(body, at, { ...inner, nonesuch: 1 })));
        await expectRefused(id, `body ${at.join('.')}`, { method, path, headers: { ...headers, 'content-type': 'application/json' }, body: changed });
      }
      if (form !== null) {
        const sent = formOf({ ...operation, form: { ...form, properties: { ...form.properties, nonesuch: {} } } }, path, 'nonesuch', '1');
        const { status, body: answer } = await sendRequest(nextServer(), sent);
        // `replaceMedia` answers first that there is nothing to replace.
        if (status !== 400 && id !== 'replaceMedia') faults.push(`${id}, form: ${status} ${answer.slice(0, 200)}`);
      }
    }
    expect(faults).toEqual([]);
  });
});
