import type { ReadOperation, Schema } from './read-operations.ts';

const text: Schema = { type: 'string' };
const inPath = (...names: string[]): ReadOperation['parameters'] => names.map((name) => ({ name, in: 'path', required: true, schema: text }));
const inQuery = (...names: string[]): ReadOperation['parameters'] => names.map((name) => ({ name, in: 'query', required: false, schema: text }));
const inHeader = (...names: string[]): ReadOperation['parameters'] => names.map((name) => ({ name, in: 'header', required: false, schema: text }));

type Other = Partial<ReadOperation> & Pick<ReadOperation, 'method' | 'path'>;

/** Routes that are not in the document: delivery, storage, the protocols of stock clients, pages, and headers that every route takes. */
const others: Record<string, Other> = {
  deliver: { method: 'GET', path: '/media/{token}', parameters: [...inPath('token'), ...inQuery('signature')] },
  view: { method: 'GET', path: '/view/{id}', parameters: inPath('id') },
  download: { method: 'GET', path: '/download/{id}', parameters: inPath('id') },
  putSigned: { method: 'PUT', path: '/storage/{path}', parameters: [...inPath('path'), ...inQuery('upload', 'part', 'signature')] },
  postSigned: {
    method: 'POST',
    path: '/storage/{path}',
    parameters: [...inPath('path'), ...inQuery('upload', 'signature')],
    form: { properties: { key: text } },
  },
  tusCreate: { method: 'POST', path: '/v1/uploads/tus', parameters: inHeader('tus-resumable', 'upload-length', 'upload-metadata') },
  tusHead: { method: 'HEAD', path: '/v1/uploads/tus/{uploadId}', parameters: [...inPath('uploadId'), ...inHeader('tus-resumable')] },
  tusPatch: { method: 'PATCH', path: '/v1/uploads/tus/{uploadId}', parameters: [...inPath('uploadId'), ...inHeader('tus-resumable', 'upload-offset')] },
  tusDelete: { method: 'DELETE', path: '/v1/uploads/tus/{uploadId}', parameters: [...inPath('uploadId'), ...inHeader('tus-resumable')] },
  draftCreate: {
    method: 'POST',
    path: '/v1/uploads/resumable',
    parameters: [...inQuery('collection', 'entityType', 'entityId', 'filename', 'sortOrder'), ...inHeader('upload-draft-interop-version', 'upload-complete')],
  },
  companionForm: {
    method: 'GET',
    path: '/v1/companion/s3/params',
    parameters: inQuery('filename', 'type', 'metadata[collection]', 'metadata[entityType]', 'metadata[entityId]'),
  },
  companionParts: {
    method: 'POST',
    path: '/v1/companion/s3/multipart',
    json: {
      type: 'object',
      properties: { filename: text, type: text, metadata: { type: 'object', properties: { collection: text, entityType: text, entityId: text } } },
    },
  },
  companionList: { method: 'GET', path: '/v1/companion/s3/multipart/{uploadId}', parameters: inPath('uploadId') },
  companionSign: { method: 'GET', path: '/v1/companion/s3/multipart/{uploadId}/{partNumber}', parameters: inPath('uploadId', 'partNumber') },
  companionComplete: {
    method: 'POST',
    path: '/v1/companion/s3/multipart/{uploadId}/complete',
    parameters: inPath('uploadId'),
    json: { type: 'object', properties: { parts: { type: 'array', items: { type: 'object', properties: { PartNumber: { type: 'integer' }, ETag: text } } } } },
  },
  companionToken: { method: 'GET', path: '/v1/companion/{token}/s3/params', parameters: inPath('token') },
  consoleAsset: { method: 'GET', path: '/console/assets/{name}', parameters: inPath('name') },
  welcome: { method: 'GET', path: '/' },
  health: { method: 'GET', path: '/healthz' },
  ready: { method: 'GET', path: '/readyz' },
  document: { method: 'GET', path: '/openapi.json' },
  nowhere: { method: 'GET', path: '/{name}', parameters: inPath('name') },
};

export const otherOperations: ReadOperation[] = Object.entries(others).map(([id, one]) => ({ id, parameters: [], json: null, form: null, ...one }));
