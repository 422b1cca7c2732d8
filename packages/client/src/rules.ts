import type { MediaRules } from '@safelight/contract/api';
import { checkMediaRules, type FileFacts, type RuleViolation } from '@safelight/contract/check-media-rules';
import { unprocessable } from '@safelight/contract/unprocessable';

import { SafelightProblem } from './problem.ts';
import { request, type CallOptions, type Connection } from './request.ts';

/** Rules change rarely and are only advice here, so the files of one batch share one answer. */
const freshForMs = 10_000;

/** What collections accept, to check files before anything is sent. */
export interface RulesResource {
  /** The rules of every collection. */
  list: (options?: CallOptions) => Promise<MediaRules[]>;
  read: (collection: string, options?: CallOptions) => Promise<MediaRules>;
  /** Like `read`, but may return an answer that is up to ten seconds old. Null means the server's default collection. */
  readRecent: (collection: string | null, options?: Pick<CallOptions, 'retries'>) => Promise<MediaRules>;
  /** What the server would say about a file, as far as the client can know. This is only advice: the server decides. */
  check: (rules: MediaRules, file: FileFacts) => RuleViolation | null;
}

/** @internal */
export function rulesResource(connection: Connection): RulesResource {
  const recent = new Map<string, { at: number; rules: Promise<MediaRules> }>();

  const read = async (collection: string, options: CallOptions = {}): Promise<MediaRules> => {
    const { rules } = await request(connection, 'readMediaRules', { ...options, query: { collection } });
    const found = Array.isArray(rules) ? rules.find((rule) => rule.collection === collection) : rules;
    if (!found) throw new TypeError(`The server answered no rules for the collection ${collection}.`);
    return found;
  };

  const list = async (options: CallOptions = {}): Promise<MediaRules[]> => {
    const { rules } = await request(connection, 'readMediaRules', { ...options, query: {} });
    return Array.isArray(rules) ? rules : [rules];
  };

  const readDefault = async (options: CallOptions): Promise<MediaRules> => {
    const all = await list(options);
    const found = all.find(({ isDefault }) => isDefault);
    if (found) return found;
    const names = all.map(({ collection }) => collection).join(', ');
    throw new SafelightProblem({ code: 'invalid_request', status: 400, title: 'No collection', detail: `Say which collection the file goes to: ${names}.` });
  };

  return {
    list,
    read,
    async readRecent(named, { retries } = {}) {
      const collection = named ?? '';
      const known = recent.get(collection);
      if (known && Math.abs(Date.now() - known.at) < freshForMs) return known.rules;
      const entry = { at: Date.now(), rules: named === null ? readDefault({ retries }) : read(named, { retries }) };
      recent.set(collection, entry);
      try {
        return await entry.rules;
      } catch (error) {
        recent.delete(collection);
        throw error;
      }
    },
    check: (rules, file) => checkMediaRules(rules, file) ?? unavailable(rules, file),
  };
}

function unavailable(rules: MediaRules, { type }: FileFacts): RuleViolation | null {
  const found = rules.unavailableTypes.find((entry) => entry.type === type);
  return found ? unprocessable(found) : null;
}
