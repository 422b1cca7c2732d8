import { createHash, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * The part of Google Cloud Storage that Safelight uses, as strict as the real one where it matters: V4 signatures, generation preconditions, the
 * order of resumable chunks, MD5, sizes of parts. Objects are in memory. An unsigned request is from the API client, which sends no credentials to an
 * endpoint that is not Google's.
 */
export type GcsStub = { endpoint: string; serviceAccountJson: string; createBucket(name: string): void; stop(): Promise<void> };

type Stored = { bytes: Buffer; contentType: string; metadata: Record<string, string>; generation: string; updated: Date; composite: boolean };
type Session = {
  bucket: string;
  name: string;
  contentType: string;
  metadata: Record<string, string>;
  ifGenerationMatch: string | null;
  received: Buffer[];
  bytes: number;
  done?: object;
};
type Upload = { bucket: string; name: string; contentType: string; metadata: Record<string, string>; parts: Map<number, Buffer> };
type Call = { request: IncomingMessage; url: URL; body: Buffer; send(status: number, body?: Buffer | string | object, headers?: Record<string, string>): void };

const minPartBytes = 5 * 1024 * 1024;
const chunkUnit = 256 * 1024;
const bytesPerRewrite = 1024 * 1024;

class Refusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message = reason) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export async function startGcsStub(): Promise<GcsStub> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const clientEmail = 'stub@safelight-test.iam.gserviceaccount.com';
  const buckets = new Map<string, Map<string, Stored>>();
  const sessions = new Map<string, Session>();
  const uploads = new Map<string, Upload>();
  const rewrites = new Map<string, number>();
  let generation = 1_700_000_000_000_000n;

  const bucketOf = (name: string): Map<string, Stored> => {
    const bucket = buckets.get(name);
    if (bucket === undefined) throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist.');
    return bucket;
  };
  const objectOf = (bucket: string, name: string): Stored => {
    const object = bucketOf(bucket).get(name);
    if (object === undefined) throw new Refusal(404, 'NoSuchKey', `No such object: ${bucket}/${name}`);
    return object;
  };
  const keep = (bucket: string, name: string, ifGenerationMatch: string | null, object: Omit<Stored, 'generation' | 'updated'>): Stored => {
    checkGeneration(bucketOf(bucket).get(name), ifGenerationMatch);
    generation += 1n;
    const stored = { ...object, generation: String(generation), updated: new Date() };
    bucketOf(bucket).set(name, stored);
    return stored;
  };

  const json: Route[] = [
    ['GET', /^\/storage\/v1\/b\/([^/]+)\/o$/, (call, [bucket]) => list(call, bucketOf(bucket), bucket)],
    [
      'GET',
      /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/,
      (call, [bucket, name]) => {
        const object = objectOf(bucket, name);
        if (call.url.searchParams.get('alt') === 'media') media(call, object);
        else call.send(200, resource(bucket, name, object));
      },
    ],
    [
      'DELETE',
      /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/,
      (call, [bucket, name]) => {
        checkGeneration(objectOf(bucket, name), call.url.searchParams.get('ifGenerationMatch'));
        bucketOf(bucket).delete(name);
        call.send(204);
      },
    ],
    [
      'POST',
      /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)\/rewriteTo\/b\/([^/]+)\/o\/([^/]+)$/,
      (call, [bucket, name, toBucket, toName]) => {
        const source = objectOf(bucket, name);
        const token = call.url.searchParams.get('rewriteToken') ?? randomBytes(8).toString('hex');
        const rewritten = (rewrites.get(token) ?? 0) + bytesPerRewrite;
        rewrites.set(token, rewritten);
        const progress = { totalBytesRewritten: String(Math.min(rewritten, source.bytes.length)), objectSize: String(source.bytes.length) };
        if (rewritten < source.bytes.length) return call.send(200, { kind: 'storage#rewriteResponse', done: false, rewriteToken: token, ...progress });
        const asked = call.body.length === 0 ? {} : fieldsOf(JSON.parse(call.body.toString()));
        const copy = keep(toBucket, toName, call.url.searchParams.get('ifGenerationMatch'), { ...source, ...asked });
        call.send(200, { kind: 'storage#rewriteResponse', done: true, ...progress, resource: resource(toBucket, toName, copy) });
      },
    ],
    [
      'POST',
      /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/,
      (call, [bucket]) => {
        const name = call.url.searchParams.get('name') ?? '';
        const ifGenerationMatch = call.url.searchParams.get('ifGenerationMatch');
        bucketOf(bucket);
        if (call.url.searchParams.get('uploadType') === 'multipart') {
          const { described, bytes } = related(call);
          const md5 = createHash('md5').update(bytes).digest('base64');
          if (described.md5Hash !== undefined && described.md5Hash !== md5)
            throw new Refusal(400, 'invalid', `Provided MD5 hash "${described.md5Hash}" doesn't match calculated MD5 hash "${md5}".`);
          return call.send(
            200,
            resource(bucket, name, keep(bucket, name, ifGenerationMatch, { bytes, composite: false, ...defaults, ...fieldsOf(described) })),
          );
        }
        const described = call.body.length === 0 ? {} : fieldsOf(JSON.parse(call.body.toString()));
        checkGeneration(bucketOf(bucket).get(name), ifGenerationMatch);
        const id = randomBytes(16).toString('hex');
        sessions.set(id, { bucket, name, ...defaults, ...described, ifGenerationMatch, received: [], bytes: 0 });
        call.send(200, '', { Location: `http://${call.request.headers.host ?? ''}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&upload_id=${id}` });
      },
    ],
    [
      'PUT',
      /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/,
      (call) => {
        const id = call.url.searchParams.get('upload_id') ?? '';
        const session = sessions.get(id);
        if (session === undefined) throw new Refusal(404, 'notFound', 'No such upload session.');
        // A finished session keeps answering its result.
        if (session.done !== undefined) return call.send(200, session.done);
        const [, start, end, total = '*'] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(String(call.request.headers['content-range'])) ?? [];
        if (start !== undefined) {
          if (Number(end) - Number(start) + 1 !== call.body.length) throw new Refusal(400, 'invalid', 'Content-Range does not fit the body.');
          if (Number(start) > session.bytes) throw new Refusal(503, 'backendError', 'A chunk before this one is missing.');
          if (total === '*' && call.body.length % chunkUnit !== 0) throw new Refusal(400, 'invalid', 'Chunks must be multiples of 256 KiB.');
          // Sent again after a lost answer: bytes that are already stored are skipped.
          session.received.push(call.body.subarray(session.bytes - Number(start)));
          session.bytes = Math.max(session.bytes, Number(end) + 1);
        }
        if (total !== '*' && Number(total) === session.bytes) {
          const { bucket, name, contentType, metadata, ifGenerationMatch } = session;
          const object = keep(bucket, name, ifGenerationMatch, { bytes: Buffer.concat(session.received), contentType, metadata, composite: false });
          session.done = resource(bucket, name, object);
          return call.send(200, session.done);
        }
        call.send(308, '', session.bytes === 0 ? {} : { Range: `bytes=0-${session.bytes - 1}` });
      },
    ],
    [
      'DELETE',
      /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/,
      (call) => {
        if (!sessions.delete(call.url.searchParams.get('upload_id') ?? '')) throw new Refusal(404, 'notFound', 'No such upload session.');
        call.send(499);
      },
    ],
  ];

  const upload = (call: Call, bucket: string, name: string): Upload => {
    const found = uploads.get(call.url.searchParams.get('uploadId') ?? '');
    if (found === undefined || found.bucket !== bucket || found.name !== name) throw new Refusal(404, 'NoSuchUpload', 'The requested upload was not found.');
    return found;
  };

  const xml: Route[] = [
    [
      'GET',
      /^\/([^/]+)$/,
      (call, [bucket]) => {
        bucketOf(bucket);
        const prefix = call.url.searchParams.get('prefix') ?? '';
        const found = [...uploads]
          .filter(([, { bucket: of, name }]) => of === bucket && name.startsWith(prefix))
          .sort(([, a], [, b]) => byBytes(a.name, b.name));
        const listed = found.map(([id, { name }]) => `<Upload><Key>${escaped(name)}</Key><UploadId>${id}</UploadId></Upload>`);
        call.send(200, `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${listed.join('')}</ListMultipartUploadsResult>`);
      },
    ],
    [
      'POST',
      /^\/([^/]+)\/(.+)$/,
      (call, [bucket, name]) => {
        if (call.url.searchParams.has('uploads')) {
          bucketOf(bucket);
          const id = `${randomBytes(12).toString('base64url')}.v2`;
          uploads.set(id, { bucket, name, ...attributesOf(call.request), parts: new Map() });
          return call.send(
            200,
            `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(name)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
          );
        }
        const { contentType, metadata, parts } = upload(call, bucket, name);
        const named = [...call.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>\s*<ETag>(.*?)<\/ETag>/g)];
        const bytes = named.map(([, number, etag = ''], index) => {
          const part = parts.get(Number(number));
          if (part === undefined || etagOf(part) !== etag.replaceAll('&quot;', '"'))
            throw new Refusal(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
          if (index < named.length - 1 && part.length < minPartBytes)
            throw new Refusal(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
          return part;
        });
        uploads.delete(call.url.searchParams.get('uploadId') ?? '');
        keep(bucket, name, null, { bytes: Buffer.concat(bytes), contentType, metadata, composite: true });
        call.send(200, `<CompleteMultipartUploadResult><Key>${escaped(name)}</Key></CompleteMultipartUploadResult>`);
      },
    ],
    [
      'PUT',
      /^\/([^/]+)\/(.+)$/,
      (call, [bucket, name]) => {
        const md5 = call.request.headers['content-md5'];
        if (md5 !== undefined && md5 !== createHash('md5').update(call.body).digest('base64'))
          throw new Refusal(400, 'BadDigest', 'The Content-MD5 did not match.');
        if (call.url.searchParams.has('partNumber')) {
          const number = Number(call.url.searchParams.get('partNumber'));
          if (number < 1 || number > 10_000) throw new Refusal(400, 'InvalidArgument', 'Part number must be 1 to 10000.');
          upload(call, bucket, name).parts.set(number, call.body);
          return call.send(200, '', { ETag: etagOf(call.body) });
        }
        const [least, most] = String(call.request.headers['x-goog-content-length-range'] ?? '0,Infinity')
          .split(',')
          .map(Number);
        if (call.body.length < (least ?? 0) || call.body.length > (most ?? Infinity))
          throw new Refusal(400, 'EntityTooLarge', 'The size is out of the signed range.');
        const condition = call.request.headers['x-goog-if-generation-match'];
        const object = keep(bucket, name, condition === undefined ? null : String(condition), {
          bytes: call.body,
          ...attributesOf(call.request),
          composite: false,
        });
        call.send(200, '', { ETag: etagOf(call.body), 'x-goog-generation': object.generation });
      },
    ],
    [
      'GET',
      /^\/([^/]+)\/(.+)$/,
      (call, [bucket, name]) => {
        if (!call.url.searchParams.has('uploadId')) return media(call, objectOf(bucket, name));
        const after = Number(call.url.searchParams.get('part-number-marker') ?? 0);
        const present = [...upload(call, bucket, name).parts].sort(([a], [b]) => a - b).filter(([number]) => number > after);
        const page = present
          .slice(0, 1_000)
          .map(([number, part]) => `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etagOf(part))}</ETag><Size>${part.length}</Size></Part>`);
        const more = present.length > page.length;
        const next = more ? `<NextPartNumberMarker>${present[page.length - 1]?.[0] ?? 0}</NextPartNumberMarker>` : '';
        call.send(200, `<ListPartsResult>${page.join('')}<IsTruncated>${more}</IsTruncated>${next}</ListPartsResult>`);
      },
    ],
    [
      'DELETE',
      /^\/([^/]+)\/(.+)$/,
      (call, [bucket, name]) => {
        upload(call, bucket, name);
        uploads.delete(call.url.searchParams.get('uploadId') ?? '');
        call.send(204);
      },
    ],
  ];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stub');
    const isXml = !/^\/(upload\/)?storage\/v1\//.test(url.pathname);
    const body = await buffer(request);
    const send: Call['send'] = (status, content = '', headers = {}) => {
      const bytes = Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
      const type = typeof content === 'object' && !Buffer.isBuffer(content) ? { 'Content-Type': 'application/json' } : {};
      response.writeHead(status, { ...type, 'Content-Length': bytes.length, ...headers });
      response.end(bytes);
    };
    try {
      if (isXml && url.searchParams.has('X-Goog-Algorithm')) verify(request, url, clientEmail, publicKey.export({ type: 'spki', format: 'pem' }));
      const call: Call = { request, url, body, send };
      for (const [method, path, handle] of isXml ? xml : json) {
        const match = path.exec(url.pathname);
        if (request.method !== method || match === null) continue;
        const [first = '', second = '', third = '', fourth = ''] = match.slice(1).map((part) => decodeURIComponent(part));
        return handle(call, [first, second, third, fourth]);
      }
      throw new Refusal(404, 'notFound', `The stub knows no ${request.method ?? ''} ${url.pathname}.`);
    } catch (error) {
      const { status, reason, message } = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      if (isXml) send(status, `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${reason}</Code><Message>${escaped(message)}</Message></Error>`);
      else if (url.searchParams.get('alt') === 'media') send(status, message);
      else send(status, { error: { code: status, message, errors: [{ reason, message }] } });
    }
  };

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    endpoint,
    serviceAccountJson: JSON.stringify({
      type: 'service_account',
      project_id: 'safelight-test',
      client_email: clientEmail,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }),
    createBucket: (name) => void buckets.set(name, new Map()),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Route = [method: string, path: RegExp, handle: (call: Call, names: [string, string, string, string]) => void];

const defaults = { contentType: 'application/octet-stream', metadata: {} };

type Described = { md5Hash?: string; contentType?: string; metadata?: Record<string, string> };
const fieldsOf = ({ contentType, metadata }: Described): Partial<Pick<Stored, 'contentType' | 'metadata'>> => ({
  ...(contentType !== undefined && { contentType }),
  ...(metadata !== undefined && { metadata }),
});

function checkGeneration(present: Stored | undefined, condition: string | null): void {
  if (condition === null || condition === (present?.generation ?? '0')) return;
  throw new Refusal(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');
}

const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

function resource(bucket: string, name: string, { bytes, contentType, metadata, generation, updated, composite }: Stored): object {
  const md5Hash = composite ? {} : { md5Hash: createHash('md5').update(bytes).digest('base64') };
  return { kind: 'storage#object', bucket, name, size: String(bytes.length), contentType, metadata, generation, updated: updated.toISOString(), ...md5Hash };
}

function list({ url, send }: Call, objects: Map<string, Stored>, bucket: string): void {
  const prefix = url.searchParams.get('prefix') ?? '';
  const most = Number(url.searchParams.get('maxResults') ?? 1_000);
  const after = Buffer.from(url.searchParams.get('pageToken') ?? '', 'base64url').toString();
  const found = [...objects].filter(([name]) => name.startsWith(prefix) && (after === '' || byBytes(name, after) > 0)).sort(([a], [b]) => byBytes(a, b));
  const items = found.slice(0, most).map(([name, object]) => resource(bucket, name, object));
  const last = found[items.length - 1]?.[0];
  send(200, {
    kind: 'storage#objects',
    items,
    ...(found.length > items.length && last !== undefined && { nextPageToken: Buffer.from(last).toString('base64url') }),
  });
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function media({ request, url, send }: Call, { bytes, contentType, metadata, generation, updated }: Stored): void {
  const headers: Record<string, string> = {
    'Content-Type': url.searchParams.get('response-content-type') ?? contentType,
    'Last-Modified': updated.toUTCString(),
    'x-goog-generation': generation,
    'x-goog-stored-content-length': String(bytes.length),
    'x-goog-stored-content-encoding': 'identity',
  };
  const disposition = url.searchParams.get('response-content-disposition');
  if (disposition !== null) headers['Content-Disposition'] = disposition;
  for (const [name, value] of Object.entries(metadata)) headers[`x-goog-meta-${name}`] = value;
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first === undefined) return send(200, bytes, headers);
  if (Number(first) >= bytes.length) throw new Refusal(416, 'InvalidRange', 'The requested range cannot be satisfied.');
  const end = last === undefined || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1);
  send(206, bytes.subarray(Number(first), end + 1), { ...headers, 'Content-Range': `bytes ${first}-${end}/${bytes.length}` });
}

/** `multipart/related`: a JSON description, then the bytes. */
function related({ request, body }: Call): { described: Described; bytes: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new Refusal(400, 'invalid', 'There is no boundary.');
  const [, description = Buffer.alloc(0), content = Buffer.alloc(0)] = split(body, Buffer.from(`--${boundary}`));
  return { described: JSON.parse(afterHeaders(description).toString()), bytes: afterHeaders(content) };
}

function split(body: Buffer, separator: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = body.indexOf(separator); at !== -1; at = body.indexOf(separator, start)) {
    pieces.push(body.subarray(start, at));
    start = at + separator.length;
  }
  return pieces;
}

/** Each part ends with the line break that belongs to the boundary after it. */
const afterHeaders = (part: Buffer): Buffer => part.subarray(part.indexOf('\r\n\r\n') + 4, part.length - 2);

function attributesOf({ headers }: IncomingMessage): { contentType: string; metadata: Record<string, string> } {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (name.startsWith('x-goog-meta-')) metadata[name.slice('x-goog-meta-'.length)] = String(value);
  return { contentType: headers['content-type'] ?? 'application/octet-stream', metadata };
}

/** Google's V4 signature over the request as it arrived: method, path, query, and the real value of every signed header. */
function verify(request: IncomingMessage, url: URL, clientEmail: string, publicKey: string): void {
  const refuse = (message: string): never => {
    throw new Refusal(403, 'SignatureDoesNotMatch', message);
  };
  const query = new Map(url.searchParams);
  const date = query.get('X-Goog-Date') ?? '';
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const expires = Number(query.get('X-Goog-Expires'));
  if (!(expires > 0 && expires <= 604_800) || !(Date.now() < signedAt + expires * 1_000)) throw new Refusal(400, 'ExpiredToken', 'The signed URL has expired.');
  const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
  if (query.get('X-Goog-Algorithm') !== 'GOOG4-RSA-SHA256' || query.get('X-Goog-Credential') !== `${clientEmail}/${scope}`) refuse('Unknown credential.');
  const signedHeaders = (query.get('X-Goog-SignedHeaders') ?? '').split(';');
  if (!signedHeaders.includes('host')) refuse('The host is not signed.');
  for (const name of Object.keys(request.headers)) if (name.startsWith('x-goog-') && !signedHeaders.includes(name)) refuse(`The header ${name} is not signed.`);
  const headers = signedHeaders.map((name) => {
    const value = String(request.headers[name] ?? '');
    // The client signs the host name; Google's has no port.
    return `${name}:${(name === 'host' ? value.replace(/:\d+$/, '') : value).trim().replace(/\s{2,}/g, ' ')}\n`;
  });
  const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonicalQuery = [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const path = (request.url ?? '').split('?')[0] ?? '';
  const canonical = [request.method, path, canonicalQuery, headers.join(''), signedHeaders.join(';'), 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = ['GOOG4-RSA-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const hex = query.get('X-Goog-Signature') ?? '';
  // Decoding stops at the first character that is no hex digit, and would accept a signature with a suffix.
  if (!/^([0-9a-f]{2})+$/.test(hex)) refuse('The signature is not hexadecimal.');
  const signature = Buffer.from(hex, 'hex');
  if (!createVerify('RSA-SHA256').update(toSign).verify(publicKey, signature)) refuse('The signature is not of this request.');
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
