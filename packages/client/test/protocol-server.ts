import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { errorCodes, type ErrorCode } from '@safelight/contract/errors';
import type { MediaRules } from '@safelight/contract/media-rules';
import type { Media } from '@safelight/contract/media';
import { onTestFinished } from 'vitest';

export type Handler = (request: IncomingMessage & { url: string }, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server for one test, closed with it; `requests` lists what was asked, as `GET /path`. */
export async function startServer(handler: Handler): Promise<{ baseURL: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void Promise.resolve(handler(request as IncomingMessage & { url: string }, response)).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function refuse(response: ServerResponse, code: ErrorCode, detail: string, headers: Record<string, string> = {}): void {
  const { status, title } = errorCodes[code];
  answer(
    response,
    status,
    { type: 'about:blank', title, status, code, detail, requestId: 'req-1' },
    { 'content-type': 'application/problem+json', ...headers },
  );
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export const mediaOf = (part: Partial<Media> = {}): Media => ({
  id: '01930000-0000-7000-8000-000000000001',
  collection: 'listing.photos',
  entity: { type: 'listing', id: '9f3' },
  ownerId: 'ada',
  kind: 'image',
  purpose: 'gallery',
  status: 'pending',
  review: 'not_required',
  published: false,
  originalFileName: 'boots.jpg',
  path: null,
  mimeType: 'image/jpeg',
  byteSize: 4,
  width: null,
  height: null,
  durationMs: null,
  video: null,
  audio: null,
  processing: null,
  storyboard: null,
  hlsSrc: null,
  captions: [],
  altText: null,
  focalPoint: null,
  sortOrder: 0,
  src: null,
  thumbnailSrc: null,
  blurDataURL: null,
  dominantColour: null,
  thumbHash: null,
  contents: null,
  digitalSource: null,
  generated: null,
  variants: {},
  srcSet: null,
  replaces: null,
  failure: null,
  reviewReason: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  deletedAt: null,
  undoUntil: null,
  version: 1,
  ...part,
});

export const rulesOf = (part: Partial<MediaRules> = {}): MediaRules => ({
  collection: 'listing.photos',
  entityType: 'listing',
  kinds: ['image'],
  purposes: ['gallery'],
  ingest: 'queued',
  isDefault: false,
  unavailableTypes: [],
  version: 1,
  batchSize: 10,
  maxBytes: 1_000_000,
  minWidth: null,
  minHeight: null,
  minAspectRatio: null,
  maxAspectRatio: null,
  maxMegapixels: null,
  maxDurationMs: null,
  maxRecordingBytes: null,
  maxFps: 240,
  maxVideoBitrate: null,
  requireAudio: false,
  maxItems: null,
  acceptedTypes: ['image/jpeg'],
  undoWindowSeconds: 60,
  photoReviewEnabled: false,
  ...part,
});
