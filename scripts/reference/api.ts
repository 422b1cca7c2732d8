import { operations, type Operation } from '../../packages/contract/src/operations.ts';
import { code, markdownTable } from './markdown.ts';

const all = Object.entries(operations as Record<string, Operation>);

/** docs/api.md: every operation by topic. The full inputs and results are in `/docs` and `/openapi.json` of a running Safelight. */
export function writeApi(): string {
  const tags = [...new Set(all.map(([, { tag }]) => tag))];
  return `# API

Written by \`npm run docs\` from the contract. A running Safelight shows the same with every field at \`/docs\`, where you can try requests with a token, and as OpenAPI at \`/openapi.json\`. In TypeScript, [\`@safelight/client\`](../packages/client/README.md) calls each operation by the name in the last column.

Paths are relative to \`/v1\`. *Public* operations need no token; for the others the token's \`scope\` has to include the scope in the table: \`media:admin\` includes all, \`media:manage\` those for reading, writing and reviewing, and \`media:write\` and \`media:review\` include \`media:read\`. [Problems](problems.md#what-an-operation-may-answer) lists the errors of each operation. Lists are read page by page with \`limit\` and \`cursor\`; \`nextCursor\` is \`null\` on the last page. Operations marked (key) honour \`Idempotency-Key\`.

${tags.map(section).join('\n')}
## Files

| path | what |
| --- | --- |
| \`GET /media/{opaque}\` | The bytes of a published artifact, at the URLs in the records. Supports ranges and conditional requests; cacheable. |
| \`GET /access-media/{transaction}\` | The files of a buyer; see [delivery](delivery.md). |
| \`/v1/uploads/tus\` | Resumable uploads by the protocol [tus](https://tus.io/protocols/resumable-upload) 1.0; see [uploads](uploads.md#tus). |
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
