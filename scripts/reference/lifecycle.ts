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

/** docs/lifecycle.md: the diagrams are drawn from the tables in the code, the prose is in the comments above them. */
export function writeLifecycle(): string {
  return `<!-- Written by scripts/reference/lifecycle.ts from the tables in the code; change those and run "npm run docs". -->

# The life of a photo

Every asset has three independent states: whether it has been made ready, whether it may be shown, and whether it has taken its place.
They are separate columns; none is derived from another. One definition says what is **shown**, the view \`published_asset\`, and every read starts from it:
\`ready\`, not deleted, not waiting to replace another asset, and past the gate (approved; or not rejected while the gate is open).

The diagrams are drawn from the tables in the code. A test ([lifecycle.test.ts](../packages/server/test/chaos/lifecycle.test.ts)) runs thousands of random
orders of events, and fails on a change that is not in a table.

${machines.map(section).join('\n')}
## What its owner sees

\`GET /v1/entities/{type}/{id}/media\` shows everybody the published photos in order. People who may change the entity also see the *tray*:

| in the tray | how you recognise it | what you can do |
| --- | --- | --- |
| uploading | \`upload\` is the open upload, with its \`offset\`; there is no record to read or change yet | complete it, or \`DELETE /v1/uploads/{id}\` |
| processing | \`status\` is \`pending\` or \`processing\` | wait, or delete it |
| failed | \`status\` or \`review\` is \`failed\`, and \`failure\` says why and whether a retry can help | \`POST /v1/media/{id}/retry\`, or delete it |
| waiting for a review | \`review\` is \`queued\` | wait, or delete it |
| rejected | \`review\` is \`rejected\`, and \`reviewReason\` is the moderator's reason | delete it, or upload another |
| replacing | \`replaces\` is the id of the photo that it will replace; any of the above may apply too | as above; deleting it leaves the photo as it is |

A form may send back everything that it was shown, including the tray: an open upload gets its position when its bytes arrive. An upload that is
opened with \`replaces\` does not count as an additional item, so it works in a full collection too.

## Undo

| what was done | how it is undone | until |
| --- | --- | --- |
| \`DELETE /v1/media/{id}\` | \`POST /v1/media/{id}/restore\` brings it back to its place, together with a waiting replacement | \`undoUntil\` of the answer |
| left out of \`PUT /v1/entities/{type}/{id}/media\` | \`restore\`: puts it after its former neighbour that is still there | \`undoUntil\` of the record |
| replaced | \`restore\` of the replaced photo: the two swap places, including order and purpose | \`undoUntil\` in \`media_replaced\` |
| \`DELETE /v1/media/{id}?purge=now\` | it cannot be undone: rows, objects and CDN copies are removed at once; \`GET /v1/admin/audit\` and \`safelight audit\` record who did it, and what it was | — |

When \`undoWindowSeconds\` have passed, a job removes the row and marks its objects in one transaction; then the bytes are removed.

What outlives a purge: the job and the upload, without the name, the alt text and the record; the events, for 7 days, and deliveries of webhooks, for 30, with the record as it was; the answer
kept for an \`Idempotency-Key\`, for a day; after \`purge=now\` the audit record; and copies that you made yourself, such as backups and logs of a proxy.

## Who waits for whom

Every transaction that changes an asset first locks its *place* (the media of an entity in one collection) and then its row; a change of the policy locks the whole
collection. So edits, replacements, decisions and changes of the gate at one place are serialized and cannot deadlock.
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
