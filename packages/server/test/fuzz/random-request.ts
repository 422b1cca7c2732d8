import fc from 'fast-check';

import { validValueOf, pathsIn, replacedAt } from './valid-value-of.ts';
import { hostileTexts, hostileValues } from './hostile-values.ts';
import type { ReadOperation, Schema } from './read-operations.ts';
import { encoded, headerText, textOf, type WireRequest } from './send-request.ts';

/** A request before its caller and its resources are chosen (`{{media}}` and the like). */
export type PlannedRequest = WireRequest & { operation: string; caller: number };

const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);
const hostileValue = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...hostileValues) }, { weight: 1, arbitrary: fc.jsonValue() });
/** Mostly correct: a request with many faults is refused at the first check, and nothing behind that is tested. */
const seldom = <Value>(arbitrary: fc.Arbitrary<Value>, weight = 1): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight, arbitrary });

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'TRACE'];
const headersOfAnybody = {
  'idempotency-key': ['k', 'k'.repeat(255), 'k'.repeat(256), '{{key}}', ''],
  'if-match': ['*', '"v1"', 'W/"v1"', '"p1"', 'x', ''],
  'if-none-match': ['*', '"v1"', ''],
  range: ['bytes=0-', 'bytes=0-0,2-2', 'bytes=-0', 'bytes=9-1', 'bytes=0x1-', 'items=0-1'],
  accept: ['text/csv', 'text/html', '*/*', 'x', ''],
  'last-event-id': ['', '0', 'x', '9'.repeat(400)],
  'safelight-act-for': ['somebody', 'x'.repeat(3_000), 'a/b'],
  'x-http-method-override': ['DELETE', 'PATCH', 'QUERY'],
  'content-encoding': ['gzip', 'x'],
  expect: ['100-continue'],
  'tus-resumable': ['1.0.0', '0.2.2'],
  'upload-length': ['10', '-1', '5abc', '9'.repeat(20)],
  'upload-offset': ['0', '-1', 'x'],
  'upload-defer-length': ['1', '0'],
  'upload-concat': ['partial', 'final;', 'final;/{{upload}}', 'x'],
  'upload-checksum': ['sha1 x', 'md5 AAAA', 'x'],
  'upload-complete': ['?0', '?1', 'x'],
  'upload-draft-interop-version': ['6', '5'],
} as const;

const oddHeaders: fc.Arbitrary<Record<string, string>> = fc
  .array(
    fc.constantFrom(...Object.entries(headersOfAnybody)).chain(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values))),
    { maxLength: 2 },
  )
  .map((pairs) => Object.fromEntries(pairs));

/** One value in the body is replaced, and sometimes a name is misspelt, doubled or unknown. */
function bodyOf(schema: Schema): fc.Arbitrary<unknown> {
  const examples = (schema.anyOf ?? [schema]).flatMap((one) => [validValueOf(one, '', 'required'), validValueOf(one)]);
  return fc.constantFrom(...examples).chain((example) =>
    fc
      .record({
        at: fc.constantFrom(...pathsIn(example)),
        value: seldom(hostileValue, 12),
        extra: seldom(fc.tuple(hostileText, hostileValue)),
      })
      .map(({ at, value, extra }) => {
        const changed = value === null ? example : replacedAt(example, at, value);
        const isObject = typeof changed === 'object' && changed !== null && !Array.isArray(changed);
        return isObject && extra !== null ? { ...changed, [extra[0]]: extra[1] } : changed;
      }),
  );
}

const formText = (field: string, text: string): string => `--b\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${text}\r\n`;

function formOf(schema: Schema): fc.Arbitrary<string> {
  const names = Object.keys(schema.properties ?? {}).filter((name) => name !== 'file');
  // A form may have nothing but its file.
  const known = names.length === 0 ? hostileText : fc.constantFrom(...names);
  const field = fc.tuple(fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: hostileText }), hostileText);
  const file = fc.record({
    name: fc.oneof(fc.constant('photo.jpg'), hostileText),
    type: fc.constantFrom('image/jpeg', '', 'text/html', '*/*'),
    bytes: hostileText,
  });
  return fc
    .record({
      isPlaced: fc.boolean(),
      fields: fc.array(field, { maxLength: 3 }),
      files: fc.array(file, { maxLength: 3 }),
      end: fc.constantFrom('--b--\r\n', '--b', ''),
    })
    .map(({ isPlaced, fields, files, end }) =>
      [
        ...(isPlaced && names.includes('collection')
          ? [
              ['collection', 'artist.images'],
              ['entityType', 'artist'],
              ['entityId', 'fuzz'],
            ]
          : []
        ).map(([name = '', text = '']) => formText(name, text)),
        ...fields.map(([name, text]) => formText(name.replaceAll(/["\r\n]/g, ''), text)),
        ...files.map(
          ({ name, type, bytes }) =>
            `--b\r\ncontent-disposition: form-data; name="file"; filename="${name.replaceAll(/["\r\n]/g, '')}"\r\ncontent-type: ${type}\r\n\r\n${bytes}\r\n`,
        ),
        end,
      ].join(''),
    );
}

type Body = { type: string | null; text: string | null };

function anyBodyOf({ json, form }: ReadOperation): fc.Arbitrary<Body> {
  const asJson = (value: unknown): Body => ({ type: 'application/json', text: JSON.stringify(value) });
  const odd = fc.record({
    type: fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded', 'x', 'multipart/form-data', null),
    text: hostileText,
  });
  return fc.oneof(
    { weight: 1, arbitrary: odd },
    { weight: 8, arbitrary: json === null ? fc.constant<Body>({ type: null, text: null }) : bodyOf(json).map(asJson) },
    {
      weight: form === null ? 0 : 8,
      arbitrary:
        form === null ? fc.constant<Body>({ type: null, text: null }) : formOf(form).map((text) => ({ type: 'multipart/form-data; boundary=b', text })),
    },
  );
}

/** Requests to one operation: usually correct but for one fault, and rarely something else altogether. */
export function requestTo(operation: ReadOperation, callers: number): fc.Arbitrary<PlannedRequest> {
  const values = fc.tuple(
    ...operation.parameters.map((one) =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(validValueOf(one.schema, one.name)) }, { weight: 1, arbitrary: hostileValue }),
    ),
  );
  return fc
    .record({
      values,
      sent: fc.tuple(...operation.parameters.map(({ required }) => (required ? fc.constant(true) : fc.boolean()))),
      body: anyBodyOf(operation),
      extraQuery: seldom(fc.tuple(hostileText, hostileText)),
      headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
      method: seldom(fc.constantFrom(...methods)),
      ending: fc.oneof({ weight: 12, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom('/', '//', '/%00', '/..', ';x', '%', '?', '#x') }),
      caller: fc.nat(callers - 1),
    })
    .map(({ values: given, sent, body, extraQuery, headers, method, ending, caller }) => {
      const used = operation.parameters.map((one, index) => ({ ...one, value: given[index], isSent: sent[index] === true }));
      const path = used.reduce((url, one) => (one.in === 'path' ? url.replace(`{${one.name}}`, () => held(one.value)) : url), operation.path);
      const query = [
        ...used.filter((one) => one.in === 'query' && one.isSent).map((one) => `${one.name}=${held(one.value)}`),
        ...(extraQuery === null ? [] : [`${encoded(extraQuery[0])}=${encoded(extraQuery[1])}`]),
      ];
      return {
        operation: operation.id,
        method: method ?? operation.method,
        path: path + ending + (query.length === 0 ? '' : `?${query.join('&')}`),
        headers: {
          ...Object.fromEntries(used.filter((one) => one.in === 'header' && one.isSent).map((one) => [one.name, headerText(one.value)])),
          ...(body.type === null ? {} : { 'content-type': body.type }),
          ...headers,
        },
        body: ['GET', 'HEAD'].includes(method ?? operation.method) ? null : body.text,
        caller,
      };
    });
}

/** Placeholders that are filled when the request is sent stay as they are. */
const held = (value: unknown): string => (typeof value === 'string' && /^\{\{\w+\}\}$/.test(value) ? value : encoded(textOf(value)));
