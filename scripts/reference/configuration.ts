import { fileJsonSchema } from '../../packages/server/src/config-schema.ts';
import type { Setting } from '../../packages/server/src/config/setting.ts';
import { settings } from '../../packages/server/src/config/settings.ts';
import { code, markdownTable } from './markdown.ts';

/** The part of JSON Schema that our schemas use. */
type Schema = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
};

export function writeConfiguration(): string {
  const groups = [...Map.groupBy(settings as readonly Setting[], ({ group }) => group)].map(
    ([group, members]) => `### ${group}\n\n${environmentTable(members)}`,
  );
  const file = fileJsonSchema() as Schema;
  return `# Configuration

Written by \`npm run docs\` from the code that reads the settings. Settings of one installation come from the environment, or from \`.env\` in the folder in which you start \`safelight\`. The configuration file defines your collections and rules. \`safelight doctor\` shows every value and where it came from.
If the configuration is invalid, the program exits with code 2 and lists all mistakes.

## Environment

${groups.join('\n\n')}

Secrets are never logged or shown. The SDKs also read their own variables: \`AWS_ACCESS_KEY_ID\`, \`AWS_PROFILE\` and the rest of the AWS credential chain, \`GOOGLE_APPLICATION_CREDENTIALS\`, and the base URLs of the OpenAI and Gemini SDKs.

## The configuration file

The configuration file is a TypeScript or JavaScript module whose default export is the configuration; \`SAFELIGHT_CONFIG\` names the file. \`npm start\` uses [safelight.config.ts](../safelight.config.ts), which you can copy as a start.

\`\`\`ts
import { defineConfig, noLimits } from '@safelight/server/config';

export default defineConfig({
  collections: {
    'listing.photos': {
      entityType: 'listing',
      kinds: ['image'],
      purposes: ['gallery'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'public',
      gate: 'policy',
      image: { outputs: [{ role: 'card', maxSide: 400, format: 'webp', quality: 80, animated: false }], blur: true },
      policy: { ...noLimits, batchSize: 20, maxBytes: 25_000_000, acceptedTypes: ['image/jpeg', 'image/heic'], undoWindowSeconds: 30, photoReviewEnabled: false, photoReviewProvider: 'disabled' },
    },
  },
});
\`\`\`

${markdownTable(['field', 'value', 'default', 'what it is'], fieldsOf(file, ''))}
`;
}

function environmentTable(members: readonly Setting[]): string {
  const rows = members.map(({ env, format, default: preset, purpose, why, secret }) => [
    code(env),
    `${format}${secret === true ? ' (secret)' : ''}`,
    preset === undefined ? '' : code(preset),
    why === undefined ? purpose : `${purpose} ${why}`,
  ]);
  return markdownTable(['variable', 'value', 'default', 'what it is, and why'], rows);
}

/** One row for each field, with those of an object below it. */
function fieldsOf(schema: Schema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const needed = schema.required?.includes(name) === true;
    const row = [
      code(at),
      valueOf(field),
      field.default === undefined ? (needed ? 'needed' : '') : code(JSON.stringify(field.default)),
      field.description ?? '',
    ];
    return [row, ...below(field, at)];
  });
}

function below(field: Schema, at: string): string[][] {
  const inner = withoutNull(field);
  if (inner.items?.properties !== undefined) return fieldsOf(inner.items, `${at}[]`);
  if (inner.properties !== undefined) return fieldsOf(inner, at);
  const { additionalProperties } = inner;
  return typeof additionalProperties === 'object' && additionalProperties.properties !== undefined ? fieldsOf(additionalProperties, `${at}.<name>`) : [];
}

/** `null` is added to the value, instead of being one of two shapes. */
function withoutNull(field: Schema): Schema {
  const shapes = field.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = shapes;
  return shapes.length === 1 && only !== undefined ? only : field;
}

function valueOf(field: Schema): string {
  const isNullable = field.anyOf?.some(({ type }) => type === 'null') === true;
  return `${shapeOf(withoutNull(field))}${isNullable ? ', or null' : ''}`;
}

function shapeOf(field: Schema): string {
  if (field.const !== undefined) return code(JSON.stringify(field.const));
  if (field.enum !== undefined) return field.enum.map((value) => code(String(value))).join(', ');
  if (field.anyOf !== undefined) return field.anyOf.map(shapeOf).join(' or ');
  if (field.type === 'array')
    return `list of ${field.items === undefined ? 'values' : plural(shapeOf(field.items))}${field.minItems === undefined ? '' : `, at least ${field.minItems}`}`;
  if (field.type === 'integer' || field.type === 'number') return `${field.type === 'integer' ? 'whole number' : 'number'}${bounds(field)}`;
  if (field.type === 'string' && field.format === 'uri') return 'URL';
  if (field.type === 'string' && field.format === 'uuid') return 'id';
  if (field.type === 'string' && field.pattern !== undefined) return `text like ${code(field.pattern)}`;
  if (field.type === 'string') return 'text';
  if (field.type === 'boolean') return '`true` or `false`';
  return field.additionalProperties !== undefined && field.properties === undefined ? 'object by name' : 'object';
}

const plural = (shape: string): string => (shape === 'object' ? 'objects' : shape === 'text' ? 'texts' : shape);

function bounds({ minimum, maximum, exclusiveMinimum }: Schema): string {
  // Every whole number in JavaScript has these bounds; they are no limit of ours.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}`;
  if (least !== undefined) return `, ${least} or more`;
  return most === undefined ? '' : `, at most ${most}`;
}
