import type { GoogleGenAI } from '@google/genai';

import { boundedFetch, mostPictureBytes } from '../bounded-fetch.ts';

export type ClientOptions = {
  apiKey: string;
  timeoutMs: number;
  /** Null for the SDK's default. */
  baseURL: string | null;
  /** How much of an answer is read. */
  mostBytes?: number;
};

export const home = 'https://generativelanguage.googleapis.com';
/** A video is fetched from its own address, so an answer about it is small; an answer that repeats the request's inputs is cut off. */
const mostStateBytes = 12 * 2 ** 20;

/**
 * The SDK, loaded on first use: most installations never use it. An environment variable could redirect it to another Google product with other keys;
 * `enterprise: false` prevents that.
 */
export function createClient({ apiKey, timeoutMs, baseURL, mostBytes }: ClientOptions): (call: { signal: AbortSignal }) => Promise<GoogleGenAI> {
  const most = (url: string): number => mostBytes ?? (url.includes(':generateContent') ? mostPictureBytes : mostStateBytes);
  return async ({ signal }) => {
    const sdk = await import('@google/genai');
    // One per call, because the SDK passes a signal on in a way that garbage collection may break: a cancelled call went on for five minutes.
    const fetch = boundedFetch(most, () => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return new sdk.GoogleGenAI({ apiKey, enterprise: false, httpOptions: { baseUrl: baseURL ?? home, timeout: timeoutMs, fetch } });
  };
}
