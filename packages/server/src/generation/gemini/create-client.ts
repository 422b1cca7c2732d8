import type { GoogleGenAI } from '@google/genai';

import { boundedFetch, mostPictureBytes } from '../bounded-fetch.ts';

export type ClientOptions = {
  apiKey: string;
  timeoutMs: number;
  /** Null: where the SDK would go. */
  baseURL: string | null;
  /** How much of an answer is read. */
  mostBytes?: number;
};

export const home = 'https://generativelanguage.googleapis.com';
/** A video is fetched from its address, so that an answer about it is small; one that repeats what was sent is not read to its end. */
const mostStateBytes = 12 * 2 ** 20;

/**
 * The SDK, loaded when it is first asked for: most installations never do. A variable of the environment would send it to another product of
 * Google with other keys; `enterprise: false` keeps it here.
 */
export function createClient({ apiKey, timeoutMs, baseURL, mostBytes }: ClientOptions): (call: { signal: AbortSignal }) => Promise<GoogleGenAI> {
  const most = (url: string): number => mostBytes ?? (url.includes(':generateContent') ? mostPictureBytes : mostStateBytes);
  return async ({ signal }) => {
    const sdk = await import('@google/genai');
    // One for each call, because the SDK hands its requests a signal that the collector of memory may cut off: a cancelled call went on for five minutes.
    const fetch = boundedFetch(most, () => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return new sdk.GoogleGenAI({ apiKey, enterprise: false, httpOptions: { baseUrl: baseURL ?? home, timeout: timeoutMs, fetch } });
  };
}
