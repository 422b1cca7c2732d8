import { operations, type Operation } from '../../packages/contract/src/operations.ts';
import { code, markdownTable } from './markdown.ts';

const all = Object.entries(operations as Record<string, Operation>);

/** docs/api.md: every operation by what it is about. What each takes and answers in full is in `/docs` and `/openapi.json` of a running Safelight. */
export function writeApi(): string {
  const tags = [...new Set(all.map(([, { tag }]) => tag))];
  return `# API

Written by \`npm run docs\` from the contract. A running Safelight shows the same with every field at \`/docs\`, to try out with a token, and for programs at \`/openapi.json\`. In TypeScript each operation is typed by [\`@safelight/client\`](../packages/client/README.md) under the name that stands here.

Paths are below \`/v1\`. *Public* needs no token; otherwise the token's \`scope\` has to include the one named: \`media:admin\` includes all, \`media:manage\` those for reading, writing and reviewing, and \`media:write\` and \`media:review\` include \`media:read\`. What an operation may refuse is in [problems](problems.md#what-an-operation-may-answer). Lists are read page by page with \`limit\` and \`cursor\`; \`nextCursor\` is \`null\` on the last one. Those marked (key) honour \`Idempotency-Key\`.

${tags.map(section).join('\n')}
## Files

| path | what |
| --- | --- |
| \`GET /media/{opaque}\` | The bytes of what is published, by the addresses that records hold. Ranges, conditions, cacheable. |
| \`GET /access-media/{transaction}\` | What a buyer has; see [delivery](delivery.md). |
| \`/v1/tus\` | Resumable uploads by the protocol [tus](https://tus.io/protocols/resumable-upload) 1.0; see [uploads](uploads.md#tus). |
`;
}

function section(tag: string): string {
  const rows = all
    .filter(([, operation]) => operation.tag === tag)
    .map(([name, { method, path, summary, scope, answers, idempotent }]) => [
      code(`${method} ${path}`),
      `${summary}${idempotent === undefined ? '' : ' (key)'}`,
      scope === 'public' ? 'public' : code(scope),
      Object.keys(answers).join(', '),
      code(name),
    ]);
  return `## ${tag}\n\n${markdownTable(['operation', 'what it does', 'scope', 'answers', 'name'], rows)}\n`;
}
