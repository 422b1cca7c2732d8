import { errorCodes, type ErrorCode } from '../../packages/contract/src/errors.ts';
import { operations, type Operation } from '../../packages/contract/src/operations.ts';
import { code, markdownTable } from './markdown.ts';

export function writeProblems(): string {
  const rows = Object.entries(errorCodes).map(([name, { status, title, retryable }]) => [code(name), String(status), title, retryable ? 'yes' : 'no']);
  const answered = Object.values(operations as Record<string, Operation>)
    .filter(({ errors }) => errors !== undefined && errors.length > 0)
    .map(({ method, path, errors = [] }) => [code(`${method} ${path}`), [...errors].sort(byTable).map(code).join(', ')]);
  return `# Problems

Written by \`npm run docs\` from the contract. Every error response is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) \`application/problem+json\` with a stable \`code\`. The code determines the status, the title and whether a retry can help, as in this table.

\`\`\`json
{
  "type": "https://safelight.dev/problems/file_too_large",
  "title": "The file is too large",
  "status": 413,
  "code": "file_too_large",
  "detail": "The file has 31 MB; listing.photos takes up to 25 MB.",
  "requestId": "01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11"
}
\`\`\`

\`detail\` is a sentence for people and may change; \`errors\` lists each invalid field. The same codes are used in \`failure.code\` of a record, in \`error.code\` of a job and in events about failures. "Again" says whether the same request may succeed later.

${markdownTable(['code', 'status', 'title', 'again'], rows)}

## What an operation may answer

In addition to the codes in the table, any operation may answer \`invalid_request\`, \`not_found\`, \`rate_limited\`, \`unavailable\` and \`internal\`. An operation with a JSON body may answer \`unsupported_type\` and \`file_too_large\` for that body, and an operation that needs a token \`unauthenticated\` and \`forbidden\`. If a path does not support the method, the answer is \`invalid_request\` with status 405, and \`Allow\` lists the supported methods. An address of more than 14,000 characters is answered 414.

${markdownTable(['operation', 'codes'], answered)}
`;
}

const order = Object.keys(errorCodes);
const byTable = (a: ErrorCode, b: ErrorCode): number => order.indexOf(a) - order.indexOf(b);
