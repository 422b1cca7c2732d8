import type { OpenAI } from 'openai';

import { boundedFetch, mostPictureBytes } from '../bounded-fetch.ts';

export type ClientOptions = {
  apiKey: string;
  timeoutMs: number;
  /** Overrides the address that the SDK and its own variables give. */
  baseURL?: string;
  /** How much of an answer is read. */
  mostBytes?: number;
};

/**
 * The SDK, loaded on first use: most installations never use it. It would send a paid request up to three times, so its retries are off. The code
 * that stores a downloaded file limits its size.
 */
export function createClient({ apiKey, timeoutMs, baseURL, mostBytes = mostPictureBytes }: ClientOptions): () => Promise<OpenAI> {
  let opening: Promise<OpenAI> | undefined;
  const fetch = boundedFetch((url) => (/\/videos\/[^/]+\/content/.test(url) ? Infinity : mostBytes));
  return async () =>
    await (opening ??= import('openai').then(
      (sdk) => new sdk.OpenAI({ apiKey, maxRetries: 0, timeout: timeoutMs, fetch, ...(baseURL === undefined ? {} : { baseURL }) }),
    ));
}
