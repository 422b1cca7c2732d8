import { exampleOf, type Schema, type Schemas } from './example-of.ts';

type Parameter = { name: string; in: string; required?: boolean; schema?: Schema };
type Content = Record<string, { schema?: Schema; example?: unknown }>;
export type DescribedOperation = {
  operationId?: string;
  security?: Record<string, unknown>[];
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses?: Record<string, { content?: Content }>;
};
type CodeSample = { lang: string; label: string; source: string };

/** One request as the code samples show it. `form` and `body` exclude each other. */
type Sampled = {
  id: string;
  method: string;
  url: string;
  params: Record<string, unknown>;
  headers: Record<string, string>;
  isPublic: boolean;
  body?: unknown;
  form?: Record<string, unknown>;
  /** The content type when the body is the file itself. */
  bytes?: string;
  answer: Schema | null;
  isStream: boolean;
};

export type SampleOptions = {
  baseURL: string;
  schemas: Schemas;
  /** Set for operations of the contract, which the client offers by name. */ known: ReadonlySet<string>;
};

/** The same request in curl and in TypeScript, each generated from the operation's OpenAPI description. */
export function codeSamples(method: string, path: string, operation: DescribedOperation, options: SampleOptions): CodeSample[] {
  const sampled = sample(method, path, operation, options);
  const typescript = options.known.has(sampled.id) ? withClient(sampled, options.baseURL) : withFetch(sampled);
  return [
    { lang: 'shell', label: 'curl', source: withCurl(sampled) },
    { lang: 'typescript', label: 'TypeScript', source: typescript },
  ];
}

function sample(method: string, path: string, operation: DescribedOperation, { baseURL, schemas }: SampleOptions): Sampled {
  const { operationId: id = '', parameters = [], security = [], requestBody, responses = {} } = operation;
  const wanted = parameters.filter(({ required, schema }) => required === true || schema?.examples !== undefined);
  const values = new Map(wanted.map(({ name, schema = {} }) => [name, exampleOf(schema, schemas, name)]));
  const of = (place: string): [string, string][] => wanted.filter((one) => one.in === place).map(({ name }) => [name, String(values.get(name))]);
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(values.get(name))).replaceAll('%2F', '/'));
  const query = new URLSearchParams(of('query')).toString();
  const [type, content] = Object.entries(requestBody?.content ?? {}).find(([name]) => name !== 'application/json') ?? [];
  const json = requestBody?.content['application/json'];
  const answers = Object.entries(responses).flatMap(([status, { content }]) => (status.startsWith('2') && content !== undefined ? [content] : []));
  const schemasOf = new Set(answers.map((content) => JSON.stringify(content['application/json']?.schema)));
  return {
    id,
    method: method.toUpperCase(),
    url: `${baseURL}${filled}${query === '' ? '' : `?${query}`}`,
    // The client calls the rest of a path `*`.
    params: Object.fromEntries(of('path').map(([name, value]) => [name === 'path' ? '*' : name, value])),
    headers: Object.fromEntries(of('header')),
    isPublic: security.some((one) => Object.keys(one).length === 0),
    ...(json === undefined
      ? type === 'multipart/form-data'
        ? { form: exampleOf(content?.schema ?? {}, schemas) as Record<string, unknown> }
        : type !== undefined && { bytes: type }
      : { body: json.example }),
    answer: schemasOf.size === 1 ? resolved(answers[0]?.['application/json']?.schema, schemas) : null,
    isStream: answers.some((content) => 'text/event-stream' in content),
  };
}

/** The fields of an answer, by name; empty when the answer varies from case to case. */
function resolved(schema: Schema | undefined, schemas: Schemas): Schema | null {
  return schema?.$ref === undefined ? (schema ?? null) : (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? null);
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function withCurl({ method, url, headers, isPublic, body, form, bytes, isStream }: Sampled): string {
  const sent = Object.entries({
    ...headers,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(bytes !== undefined && { 'content-type': typeOf(bytes) }),
  });
  return [
    `curl ${method === 'HEAD' ? '-I ' : method === 'GET' ? '' : `-X ${method} `}${isStream ? '-N ' : ''}${quoted(url)}`,
    ...(isPublic ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...sent.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...Object.entries(form ?? {}).map(([name, value]) => `-F ${quoted(`${name}=${[value].flat().join()}`)}`),
    ...(body === undefined ? [] : [`-d ${quoted(JSON.stringify(body))}`]),
    ...(bytes === undefined ? [] : ['--data-binary @window.jpg']),
  ].join(' \\\n  ');
}

const typeOf = (bytes: string): string => (bytes === '*/*' ? 'image/jpeg' : bytes);

/** Formats a value as people write it: two spaces per level, names quoted only where needed. */
function literal(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, indent)).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, field]) => `${/^\w+$/.test(name) ? name : literal(name)}: ${literal(field, `${indent}  `)}`);
  return fieldsOf(fields, indent);
}

function fieldsOf(fields: readonly string[], indent: string): string {
  const flat = `{ ${fields.join(', ')} }`;
  if (fields.length === 0) return '{}';
  return flat.length <= 72 && !flat.includes('\n') ? flat : `{\n${fields.map((field) => `${indent}  ${field},\n`).join('')}${indent}}`;
}

const file = `new Blob([await readFile('window.jpg')], { type: 'image/jpeg' })`;
const readsFile = `import { readFile } from 'node:fs/promises';\n`;

function formLines(form: Record<string, unknown>): string[] {
  const fields = Object.entries(form).map(([name, value]) =>
    name === 'file' ? `form.append('file', ${file}, 'window.jpg');` : `form.append(${literal(name)}, ${literal(String(value))});`,
  );
  return ['const form = new FormData();', ...fields];
}

function withClient(sampled: Sampled, baseURL: string): string {
  const { id, params, body, form, answer, isStream } = sampled;
  const opening = `const client = createClient({\n  baseURL: ${literal(baseURL)},\n  token: process.env['TOKEN'] ?? '',\n});`;
  const head = `${form === undefined ? '' : readsFile}import { createClient } from '@safelight/client';\n\n${opening}`;
  if (isStream) return `${head}\nfor await (const { event, data } of client.events.follow()) console.log(event, data);`;
  const input = literal({ ...(Object.keys(params).length > 0 && { params }), ...(form === undefined ? body !== undefined && { body } : { body: 'form' }) });
  const call = `await client.request(${literal(id)}, ${form === undefined ? input : input.replace("body: 'form'", 'body: form')});`;
  const names = answer?.properties === undefined ? [] : Object.keys(answer.properties).filter((name) => answer.required?.includes(name));
  const lines = form === undefined ? [] : formLines(form);
  return [head, ...lines, `const ${names.length === 0 || names.length > 3 ? 'answer' : `{ ${names.join(', ')} }`} = ${call}`].join('\n');
}

/** For paths that other protocols define: files over HTTP, tus, the signed PUT. */
function withFetch({ method, url, headers, isPublic, form, bytes }: Sampled): string {
  const token = "`Bearer ${process.env['TOKEN']}`";
  const more = { ...headers, ...(bytes !== undefined && { 'content-type': typeOf(bytes) }) };
  const sent = [...(isPublic ? [] : [`authorization: ${token}`]), ...Object.entries(more).map(([name, value]) => `${literal(name)}: ${literal(value)}`)];
  const parts = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(sent.length === 0 ? [] : [`headers: ${fieldsOf(sent, '  ')}`]),
    ...(form === undefined ? [] : ['body: form']),
    ...(bytes === undefined ? [] : ["body: await readFile('window.jpg')"]),
  ];
  const lines = form === undefined ? [] : formLines(form);
  const head = form === undefined && bytes === undefined ? [] : [readsFile];
  const init = parts.length === 0 ? '' : `, {\n${parts.map((part) => `  ${part},\n`).join('')}}`;
  return [...head, ...lines, `const response = await fetch(${literal(url)}${init});`].join('\n');
}
