import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { eventNames } from '../../packages/contract/src/events.ts';
import { code, markdownTable } from './markdown.ts';

const source = readFileSync(resolve(import.meta.dirname, '../../packages/contract/src/events.ts'), 'utf8');

/** docs/events.md: each event with its payload, from the types of the contract. */
export function writeEvents(): string {
  const fields = eventNames.map((name) => {
    const { comment, type } = payloadOf(name);
    return [code(name), comment, code(type)];
  });
  return `# Events

Written by \`npm run docs\` from the contract. Clients of \`GET /v1/events\` and [webhooks](webhooks.md) receive the same names and bodies. Each event is recorded in the transaction of the change that it reports. A client only receives events about records that it may see.

\`\`\`sh
TOKEN=$(npx safelight token)     # for development
curl -N http://127.0.0.1:4700/v1/events -H "Authorization: Bearer $TOKEN"
\`\`\`

The stream is SSE: \`event\` is the name, \`id\` is a position from which a client can resume at any server (\`Last-Event-ID\`), and \`data\` is one JSON object:

\`\`\`json
{ "jobId": "…", "mediaId": "…", "entity": { "type": "listing", "id": "9f3" }, "at": "2026-11-29T08:00:00.000Z" }
\`\`\`

It also contains the fields in the table. \`jobId\`, \`mediaId\` and \`entity\` are present where they apply. \`Media\` is the record as the client may see it.

${markdownTable(['event', 'note', 'further fields'], fields)}
`;
}

/** The type of a name in \`EventPayloads\`, with the types that it uses written out. */
function payloadOf(name: string): { comment: string; type: string } {
  const found = new RegExp(`\\n((?:  /\\*\\*[^\\n]*\\*/\\n)?)  ${name}: ([\\s\\S]*?);\\n(?=  \\w|  /\\*\\*|\\};)`).exec(source);
  if (found === null) throw new Error(`The contract does not say what the event ${name} holds.`);
  const [, comment = '', type = ''] = found;
  return { comment: comment.replaceAll(/^ *\/\*\* | \*\/\n$/g, ''), type: written(type) };
}

const written = (type: string): string =>
  type.replaceAll(/\b(Started|Progress|Failed|Stored|OfGrant|OfDownload|OfMedia)(?:<Media>)?/g, (_, alias: string) => aliasOf(alias)).replaceAll(/\s+/g, ' ');

function aliasOf(name: string): string {
  const [, type] = new RegExp(`type ${name}(?:<Media>)? = (\\{[\\s\\S]*?\\});\\n(?=\\n|type|/\\*\\*)`).exec(source) ?? [];
  if (type === undefined) throw new Error(`The contract has no type ${name}.`);
  return type.replaceAll(/\n *\/\*\*[^\n]*/g, '');
}
