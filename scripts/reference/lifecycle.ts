import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Change } from '../../packages/server/src/assets/status-changes.ts';
import { statusChanges } from '../../packages/server/src/assets/status-changes.ts';
import { placeChanges } from '../../packages/server/src/places/place-changes.ts';
import { reviewChanges } from '../../packages/server/src/review/review-changes.ts';

const source = resolve(import.meta.dirname, '../../packages/server/src');

type Machine = { title: string; changes: readonly Change<string>[]; file: string; after: string };

const machines: Machine[] = [
  { title: 'Status: has it been made ready?', changes: statusChanges, file: 'assets/status-changes.ts', after: '' },
  {
    title: 'Review: may it be shown?',
    changes: reviewChanges,
    file: 'review/review-changes.ts',
    after: 'See [review.md](review.md) for the reviewers, the queue and what is recorded.\n',
  },
  { title: 'Place: which one is shown now?', changes: placeChanges, file: 'places/place-changes.ts', after: '' },
];

/** docs/lifecycle.md: the pictures are drawn from the tables in the code, the prose is what stands above them. */
export function writeLifecycle(): string {
  return `<!-- Written by scripts/reference/lifecycle.ts from the tables in the code; change those and run "npm run docs". -->

# The life of a photo

Three questions are asked of every asset, and each has an answer of its own: has it been made ready, may it be shown, and is the place its own?
The columns are separate; none is derived from another. What may be **shown** is one definition, the view \`published_asset\`, and every read starts there:
\`ready\`, not deleted, not waiting to replace another, and past the gate (approved; or not rejected while the gate is open).

The pictures are drawn from the tables in the code. Random histories ([lifecycle.test.ts](../packages/server/test/chaos/lifecycle.test.ts)) live through thousands of
orders of events, and fail on a change that is not in a table.

${machines.map(section).join('\n')}
## What its owner sees

\`GET /v1/entities/{type}/{id}/media\` shows everybody the published photos in order. People who may act on the entity see the *tray* besides:

| in the tray | how it shows | what may be done |
| --- | --- | --- |
| uploading | \`upload\` is the open upload, with its \`offset\`; there is no record to read or change yet | complete it, or \`DELETE /v1/uploads/{id}\` |
| processing | \`status\` is \`pending\` or \`processing\` | wait, or delete it |
| failed | \`status\` or \`review\` is \`failed\`, and \`failure\` says why and whether a retry can help | \`POST /v1/media/{id}/retry\`, or delete it |
| waiting for a review | \`review\` is \`queued\` | wait, or delete it |
| rejected | \`review\` is \`rejected\`, and \`reviewReason\` is what the moderator said | delete it, or upload another |
| replacing | \`replaces\` names the photo whose place it is to take; any of the above besides | as above; discarding it leaves the photo as it is |

A form may send back everything that it was shown, the tray too: what is still uploading is given its place when its bytes arrive. An upload that is
opened with \`replaces\` needs no room of its own, also where the collection is full.

## Undo

| what was done | how it is undone | until |
| --- | --- | --- |
| \`DELETE /v1/media/{id}\` | \`POST /v1/media/{id}/restore\` brings it back to its place, with what waited to replace it | \`undoUntil\` of the answer |
| left out of \`PUT /v1/entities/{type}/{id}/media\` | \`restore\`: behind the neighbour that it had and that is still there | \`undoUntil\` of the record |
| replaced | \`restore\` of the one that was replaced: the two swap places, order, purpose and all | \`undoUntil\` in \`media_replaced\` |
| \`DELETE /v1/media/{id}?purge=now\` | not at all: rows, objects and CDN copies go at once; \`GET /v1/admin/audit\` and \`safelight audit\` remember who did it, and what it was | — |

When the window of \`undoWindowSeconds\` ends, a job removes the row and marks its objects in one transaction, then the bytes go.

## Who waits for whom

Whatever changes an asset takes its *place* first (the media of an entity in one collection) and its row after, and a change of the policy takes the whole
collection: so edits, replacements, decisions and a turn of the gate happen one after the other at one place, and none of them can wait for another in a circle.
`;
}

function section({ title, changes, file, after }: Machine): string {
  return `## ${title}

${proseAbove(file)}

\`\`\`mermaid
stateDiagram-v2
${changes.map(({ from, to, when }) => `  ${end(from)} --> ${end(to)}: ${when.replaceAll(':', ' –').replaceAll(';', ',')}`).join('\n')}
\`\`\`

Table: [${file}](../packages/server/src/${file})
${after}`;
}

const end = (state: string): string => (state === 'none' ? '[*]' : state);

/** The comment above the table, without its first line, which says what the table is. */
function proseAbove(file: string): string {
  const text = readFileSync(resolve(source, file), 'utf8');
  const comment = /\/\*\*\n((?: \*[^\n]*\n)+?) \*\/\nexport const \w+Changes/.exec(text)?.[1];
  if (comment === undefined) throw new Error(`${file} says nothing above its table.`);
  return comment
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .join('\n')
    .trim();
}
