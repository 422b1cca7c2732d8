import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi';

type Named = { id: string; summary: string; tag: string; scope?: 'media:write' };
type Parts = Pick<ZodOpenApiOperationObject, 'requestParams' | 'requestBody' | 'responses' | 'description'>;

const bytes = { schema: z.string().meta({ override: { type: 'string', format: 'binary' } }) };
const says = (description: string, headers?: z.ZodObject): ZodOpenApiResponseObject => ({ description, ...(headers === undefined ? {} : { headers }) });
const refused = { default: says('A refusal, as `application/problem+json` with a stable `code`.') };
const text = (description: string, example?: string) => z.string().meta({ description, ...(example !== undefined && { examples: [example] }) });
const offset = z.object({ 'upload-offset': text('How many bytes are kept.') });
const from = text('Where the bytes belong: how many are kept.', '0');
const lastOnes = text('`?1` with the last bytes.', '?1');
const id = text('The end of the `Location` that creating answered.', '0193a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b');

const operation = ({ id, summary, tag, scope }: Named, parts: Parts): ZodOpenApiOperationObject => ({
  operationId: id,
  summary,
  tags: [tag],
  security: scope === undefined ? [{}, { bearer: [] }] : [{ bearer: [scope] }],
  ...parts,
  responses: { ...parts.responses, ...refused },
});

/** Paths that are not operations of the contract because other protocols define them: files over HTTP, tus, the signed PUT of buckets. */
export function protocolPaths(apiPrefix: string): ZodOpenApiPathsObject {
  return { ...delivery(), ...storage(), ...tus(`${apiPrefix}/uploads/tus`), ...resumable(`${apiPrefix}/uploads/resumable`) };
}

function delivery(): ZodOpenApiPathsObject {
  const requestParams = (name: string, about: string) => ({
    path: z.object({ [name]: text(about, name === 'mediaId' ? '0193a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b' : undefined) }),
    query: z.object({ signature: text('Of an address that was signed.').optional() }),
    header: z.object({
      range: text('`bytes=0-1023`; several ranges are answered as one whole file.').optional(),
      'if-none-match': text('The `ETag` of what you have.').optional(),
      'if-match': text('The `ETag` of the only bytes that you want.').optional(),
    }),
  });
  const responses = {
    '200': { description: 'The bytes.', content: { '*/*': bytes }, headers: z.object({ etag: z.string(), 'cache-control': z.string() }) },
    '206': { description: 'The part that was asked for.', content: { '*/*': bytes } },
    '304': says('You have it already.'),
  };
  const get = (id: string, summary: string, name: string, about: string) => ({
    get: operation({ id, summary, tag: 'delivery' }, { requestParams: requestParams(name, about), responses }),
  });
  return {
    '/media/{token}': get('deliverArtifact', 'One immutable file, by the opaque address that a record gives', 'token', 'From `src` or `variants` of a record.'),
    '/view/{mediaId}': get('viewMedia', 'What a record shows now, to look at', 'mediaId', 'The id of a record.'),
    '/download/{mediaId}': get('downloadMedia', 'What a record shows now, to keep, under its own name', 'mediaId', 'The id of a record.'),
  };
}

function storage(): ZodOpenApiPathsObject {
  const requestParams = {
    path: z.object({ key: text('As the answer to init has it.', 'uploads/0193a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b') }),
    query: z.object({
      upload: text('As it stands there.', '0193a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b'),
      signature: text('As it stands there.', 'AbX0d1'),
      part: z.coerce.number().int().optional().meta({ description: 'Of a multipart upload.' }),
    }),
  };
  return {
    '/storage/{key}': {
      put: operation(
        { id: 'putBytes', summary: 'The bytes of an upload, to the `uploadURL` that init answered', tag: 'storage' },
        {
          description: 'For stores without signed URLs of their own. Use the URL as it is; the signature in it is all the authorization there is.',
          requestParams,
          requestBody: { required: true, content: { '*/*': bytes } },
          responses: { '200': says('Kept, all of it.', z.object({ etag: z.string() })) },
        },
      ),
      post: operation(
        { id: 'postBytes', summary: 'The same as a form, as S3 takes it; it completes the upload', tag: 'storage' },
        {
          requestParams,
          requestBody: { required: true, content: { 'multipart/form-data': { schema: z.object({ file: bytes.schema }) } } },
          responses: { '204': says('Kept, and the upload is complete.') },
        },
      ),
    },
  };
}

const upload = { path: z.object({ id }) };
const chunk = (type: string) => ({ required: true, content: { [type]: bytes } });

function tus(base: string): ZodOpenApiPathsObject {
  const named = (id: string, summary: string): Named => ({ id, summary, tag: 'tus 1.0', scope: 'media:write' });
  const header = z.object({ 'tus-resumable': z.literal('1.0.0') });
  const at = (more: z.ZodRawShape = {}) => ({ ...upload, header: header.extend(more) });
  return {
    [base]: {
      post: operation(named('createTusUpload', 'Open an upload that can be resumed'), {
        description: 'https://tus.io/protocols/resumable-upload, with creation, creation-with-upload, termination, checksum and concatenation.',
        requestParams: {
          header: header.extend({
            'upload-length': text('The size of the file.', '482133').optional(),
            'upload-metadata': text('Base64 pairs: `filename`, `filetype`, `collection`, `entityType`, `entityId` and what else init takes.').optional(),
          }),
        },
        responses: { '201': says('Open.', z.object({ location: text('Where its bytes go.') })) },
      }),
    },
    [`${base}/{id}`]: {
      head: operation(named('readTusOffset', 'How many bytes are kept'), { requestParams: at(), responses: { '200': says('Go on from here.', offset) } }),
      patch: operation(named('appendTusBytes', 'Bytes, from the offset on'), {
        requestParams: at({ 'upload-offset': from }),
        requestBody: chunk('application/offset+octet-stream'),
        responses: { '204': says('Kept.', offset) },
      }),
      delete: operation(named('endTusUpload', 'Give the upload up'), { requestParams: at(), responses: { '204': says('Gone.') } }),
    },
  };
}

function resumable(base: string): ZodOpenApiPathsObject {
  const named = (id: string, summary: string): Named => ({ id, summary, tag: 'resumable uploads (IETF draft)', scope: 'media:write' });
  const header = z.object({ 'upload-offset': from, 'upload-complete': lastOnes });
  return {
    [base]: {
      post: operation(named('createResumableUpload', 'Open an upload that can be resumed, with its first bytes'), {
        requestParams: { header: z.object({ 'upload-complete': lastOnes }) },
        requestBody: chunk('*/*'),
        responses: { '201': says('Open.', z.object({ location: text('Where its bytes go.') })) },
      }),
    },
    [`${base}/{id}`]: {
      head: operation(named('readResumableOffset', 'How many bytes are kept'), {
        requestParams: upload,
        responses: { '204': says('Go on from here.', offset) },
      }),
      patch: operation(named('appendResumableBytes', 'Bytes, from the offset on'), {
        requestParams: { ...upload, header },
        requestBody: chunk('application/partial-upload'),
        responses: { '204': says('Kept.', offset) },
      }),
      delete: operation(named('endResumableUpload', 'Give the upload up'), { requestParams: upload, responses: { '204': says('Gone.') } }),
    },
  };
}
