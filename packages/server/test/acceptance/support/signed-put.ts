import { expect } from 'vitest';

import { ask, expectProblem, target, type Answer } from './api.ts';

export type SignedPut = { uploadURL: string; headers?: Record<string, string> };

/**
 * Whether this URL belongs to the product. Otherwise it is the provider's: a bucket answers in its own words, and the product checks the rest when
 * the upload is completed.
 */
export const isServed = (url: string): boolean => target.urls.some((server) => new URL(server).origin === new URL(url).origin);

/** Like a browser, which sends the length of the body by itself. */
export async function putSigned({ uploadURL, headers = {} }: SignedPut, body: Buffer | string | ReadableStream): Promise<Answer> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length'));
  return await ask('PUT', uploadURL, { token: null, headers: sent, body });
}

export const expectStored = (answer: Answer): void => expect(answer.status, answer.bytes.toString()).toBeOneOf([200, 201]);

/** Expects a refusal: by the product with this status and code, by a provider in its own way. */
export function expectPutRefused(answer: Answer, url: string, status: number, code: string): void {
  if (isServed(url)) expectProblem(answer, status, code);
  else expect(answer.status, answer.bytes.toString()).toBeOneOf([400, 401, 403, 404, 409, 411, 412]);
}
