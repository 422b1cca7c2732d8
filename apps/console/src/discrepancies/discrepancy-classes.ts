import type { DiscrepancyClass } from '@safelight/contract/discrepancies';

/** What each class means for its reader, what helps, and the command for it. A repair only says what it would do until it is given `--yes`. */
export const classes: Record<DiscrepancyClass, { title: string; meaning: string; advice: string; repair: string | null }> = {
  missing_object: {
    title: 'Missing object',
    meaning: 'A record says that its bytes are stored, but they are not there.',
    advice: 'A lost variant is made again from its source, and its media is hidden until then. A lost source has to come from a backup.',
    repair: 'safelight storage repair --yes',
  },
  size_mismatch: {
    title: 'Size mismatch',
    meaning: 'The object is there, but with another size than was stored: somebody else has written it.',
    advice: 'A variant is made again from its source. A source has to come from a backup.',
    repair: 'safelight storage repair --yes',
  },
  unknown_object: {
    title: 'Unknown object',
    meaning: 'An object that no record names: somebody else put it there. It is only ever reported.',
    advice: 'Safelight never deletes what it did not write. If nobody needs it, delete it with the tools of your storage.',
    repair: null,
  },
  stuck_writing: {
    title: 'Stuck writing',
    meaning: 'A write was given up long ago, and nobody has swept it away.',
    advice: 'Servers and workers do this by themselves every few seconds: see that one is running. Or finish it now.',
    repair: 'safelight storage sweep',
  },
  stuck_deleting: {
    title: 'Stuck deleting',
    meaning: 'An object should be gone and is still there, or removing it has failed several times.',
    advice: 'The reason says what failed; once storage allows it, it goes by itself. Or finish it now.',
    repair: 'safelight storage sweep',
  },
};
