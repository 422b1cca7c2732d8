import type http from 'node:http';

import * as stock from 'tus-js-client';
import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, nextServer, target } from './support/api.ts';
import { answerTo, anyFile, aPhoto, begin, someBytes, tus, uploadIdOf, type TusAsked } from './support/tus.ts';

/** The same requests as in tus, with the headers of the draft. */
const path = (destination: Record<string, string>): string => `${nextServer()}/v1/uploads/resumable?${new URLSearchParams(destination)}`;
const draft = (asked: TusAsked = {}): TusAsked => ({
  ...asked,
  headers: { 'tus-resumable': undefined, 'upload-draft-interop-version': '6', ...asked.headers },
});
const complete = (isLast: boolean): Record<string, string> => ({ 'upload-complete': isLast ? '?1' : '?0' });
const patch = async (url: string, offset: number, body: Buffer, isLast: boolean) =>
  await tus('PATCH', url, draft({ body, headers: { 'content-type': 'application/partial-upload', 'upload-offset': String(offset), ...complete(isLast) } }));
const delivered = async (url: string): Promise<Buffer> => {
  const { upload } = (await ask('GET', `/uploads/${uploadIdOf(url)}`)).body;
  await endedJob(upload.jobId);
  return (await ask('GET', `//download/${upload.assetId}`)).bytes;
};

describe('resumable uploads as the IETF drafts them', () => {
  test('a stock client sends a file in pieces', async () => {
    const bytes = someBytes(3_000_001);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // Its types do not have this protocol yet.
    const spoken = { protocol: 'ietf-draft-05' };
    const upload = new stock.Upload(bytes, {
      ...spoken,
      endpoint: `${nextServer()}/v1/uploads/resumable`,
      headers: { authorization: `Bearer ${target.token}` },
      metadata: anyFile(),
      chunkSize: 1_000_000,
      retryDelays: null,
      onError: reject,
      onSuccess: () => resolve(upload.url ?? ''),
    });
    upload.start();
    expect((await delivered(await promise)).equals(bytes)).toBe(true);
  });

  test('a whole file in one request; the server says where to continue before the body has arrived', async () => {
    const bytes = someBytes(200_000);
    const informed = Promise.withResolvers<http.InformationEvent>();
    const request = begin('POST', path(anyFile()), draft({ headers: { ...complete(true), 'content-length': String(bytes.length) } }));
    request.once('information', informed.resolve);
    const answer = answerTo(request);
    request.flushHeaders();
    const { statusCode, headers } = await informed.promise;
    expect(statusCode).toBe(104);
    request.end(bytes);
    const { status, headers: told } = await answer;
    expect({ status, complete: told.get('upload-complete'), location: told.get('location') }).toEqual({
      status: 201,
      complete: '?1',
      location: headers.location,
    });
    expect((await delivered(String(headers.location))).equals(bytes)).toBe(true);
  });

  test('a file whose connection broke continues after the durable bytes, even if its length becomes known only at its end', async () => {
    const bytes = someBytes(300_000);
    const created = await tus('POST', path(anyFile()), draft({ body: bytes.subarray(0, 100_000), headers: complete(false) }));
    expect(created.status).toBe(201);
    const url = created.headers.get('location') ?? '';
    const told = await tus('HEAD', url, draft());
    expect(Object.fromEntries(told.headers)).toMatchObject({ 'upload-offset': '100000', 'upload-complete': '?0', 'cache-control': 'no-store' });
    const wrong = await patch(url, 5, bytes.subarray(5), true);
    expectProblem(wrong, 409, 'conflict');
    expect(wrong.headers.get('upload-offset')).toBe('100000');
    // Without a length.
    const request = begin('PATCH', url, draft({ headers: { 'content-type': 'application/partial-upload', 'upload-offset': '100000', ...complete(true) } }));
    const answer = answerTo(request);
    request.write(bytes.subarray(100_000, 200_000));
    request.end(bytes.subarray(200_000));
    expect((await answer).headers.get('upload-complete')).toBe('?1');
    expect((await tus('HEAD', url, draft())).headers.get('upload-complete')).toBe('?1');
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('takes the longest alt text in the query, in letters of which each becomes six characters', async () => {
    const altText = 'д'.repeat(2_000);
    const created = await tus('POST', path({ ...aPhoto(), altText }), draft({ headers: complete(false) }));
    expect(created.status, JSON.stringify(created.body)).toBe(201);
  });

  test('refuses other versions, a missing Upload-Complete, compressed bytes, and requests to an upload that has ended', async () => {
    const headers = { ...complete(false), 'upload-draft-interop-version': '3' };
    expectProblem(await tus('POST', path(anyFile()), draft({ headers })), 400, 'invalid_request');
    expectProblem(await tus('POST', path(anyFile()), draft()), 400, 'invalid_request');
    const zipped = { ...complete(true), 'content-encoding': 'gzip' };
    expectProblem(await tus('POST', path(anyFile()), draft({ body: 'hello', headers: zipped })), 400, 'invalid_request');
    expectProblem(await tus('POST', path({ collection: 'nothing' }), draft({ headers: complete(false) })), 400, 'invalid_request');
    const created = await tus('POST', path(anyFile()), draft({ headers: complete(false) }));
    const url = created.headers.get('location') ?? '';
    expect((await tus('DELETE', url, draft())).status).toBe(204);
    expect((await tus('HEAD', url, draft())).status).toBe(410);
  });
});
