import type { Client, Destination, FileSource, RuleViolation } from '@safelight/client';
import type { MediaRules } from '@safelight/contract/media-rules';

import { readPictureHeader } from './read-picture-header.ts';

export type FileCheck = {
  check: (source: FileSource, to: Destination) => Promise<RuleViolation | null>;
  /** The rules as they are now; what nobody has told of is asked for. */
  learn: (all: readonly MediaRules[]) => void;
};

/** Holds files against the rules before they are sent: the server would refuse them by the same check. */
export function createFileCheck(client: Client): FileCheck {
  let known: readonly MediaRules[] = [];
  return {
    async check(source, { collection }) {
      const rules = known.find((one) => one.collection === collection) ?? (await client.rules.readRecent(collection ?? null));
      const header = source instanceof Blob ? await readPictureHeader(source).catch(() => null) : null;
      return client.rules.check(rules, {
        type: source.type ? source.type : undefined,
        bytes: source instanceof Blob ? source.size : undefined,
        ...(header && { width: header.width, height: header.height }),
      });
    },
    learn: (all) => {
      known = all;
    },
  };
}
