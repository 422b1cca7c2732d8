'use client';
import type { Client, Destination, FileSource, MediaRules, RuleViolation } from '@safelight/client';

import { readPictureHeader } from './read-picture-header.ts';

export type FileCheck = {
  /** Why the server would refuse the file, or null. For `check` of `useMediaUpload` and `createUploads`, and for `recheckHeld`. */
  check: (source: FileSource, destination: Destination) => Promise<RuleViolation | null>;
  /** Uses these rules from now on. Those of other collections are still read from the server. */
  learn: (rules: readonly MediaRules[]) => void;
};

/**
 * Checks a file against the rules of its collection before a byte is sent: its type, its size, and the width and height of a picture.
 * The server applies the same rules, and some that need the whole file, so it may refuse a file that passes here.
 */
export function createFileCheck(client: Client): FileCheck {
  let known: readonly MediaRules[] = [];
  return {
    async check(source, { collection }) {
      const rules = known.find((one) => one.collection === collection) ?? (await client.rules.readRecent(collection ?? null));
      const blob = 'uri' in source ? null : source;
      const header = blob && (await readPictureHeader(blob).catch(() => null));
      return client.rules.check(rules, {
        type: source.type ? source.type : undefined,
        bytes: blob?.size,
        ...(header && { width: header.width, height: header.height }),
      });
    },
    learn: (rules) => {
      known = rules;
    },
  };
}
