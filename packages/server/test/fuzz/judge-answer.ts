import type { WireAnswer } from './send-request.ts';

/** Words of the validation library and of the language, which are for programmers and must not reach a client. */
const programmersWords =
  /Invalid (?:input|option|string|UUID)|expected \w+, received|Too (?:big|small):|Unrecognized key|TypeError|ZodError|\bundefined\b|\[object |at .*\.ts:\d+/;

/** What is wrong with an answer, whatever was requested; null if it is acceptable. */
export function judgeAnswer(method: string, { status, type, body }: WireAnswer): string | null {
  if (status >= 500) return `answers ${status}: ${body.slice(0, 300)}`;
  if (status < 400 || method === 'HEAD' || body === '') return null;
  // The console's files, and answers to bytes that are no request, are for browsers and sockets.
  if (type.startsWith('text/plain')) return null;
  if (type !== 'application/problem+json') return `answers ${status} as ${type}`;
  const problem: unknown = JSON.parse(body);
  if (typeof problem !== 'object' || problem === null || !('detail' in problem) || typeof problem.detail !== 'string') return 'has no detail';
  if (!('status' in problem) || problem.status !== status) return 'names another status than it has';
  if (!/\w.*\.$/s.test(problem.detail)) return `is no sentence: ${problem.detail.slice(0, 200)}`;
  const words = JSON.stringify([problem.detail, 'errors' in problem ? problem.errors : []]);
  const found = programmersWords.exec(words);
  return found === null ? null : `speaks to programmers: ${words.slice(Math.max(0, found.index - 80), found.index + 120)}`;
}
