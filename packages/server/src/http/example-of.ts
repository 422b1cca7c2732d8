/** The part of JSON Schema that examples are generated from. */
export type Schema = {
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  minItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
};
export type Schemas = Readonly<Record<string, Schema>>;

/** Fields with these names have the same value in every example. */
const byName: Readonly<Record<string, unknown>> = {
  acceptedTypes: ['image/jpeg', 'image/webp'],
  altText: 'A window at dusk',
  attempts: 1,
  batchSize: 10,
  buyerId: 'buyer-17',
  byteSize: 482_133,
  collection: 'artist.images',
  contentType: 'image/jpeg',
  decision: 'rejected',
  entityId: 'ada',
  entityType: 'artist',
  etag: '"5d41402abc4b2a76b9719d911017c592"',
  filename: 'window.jpg',
  id: 'ada',
  language: 'en',
  maxBytes: 20_000_000,
  mimeType: 'image/jpeg',
  objectPath: 'artist/ada/window.jpg',
  photoReviewEnabled: false,
  path: 'artist/ada/window.jpg',
  prompt: 'A lighthouse in the fog',
  reason: 'The picture is out of focus.',
  size: '1024x1024',
  store: 's3:photos',
  text: 'WEBVTT\n\n00:00.000 --> 00:02.000\nGood evening.\n',
  token: 'kX3v9Qm2Tf',
  transaction: 'order-1042',
  transactionId: 'order-1042',
  src: 'https://media.example.com/media/kX3v9Qm2Tf',
  type: 'artist',
  undoWindowSeconds: 259_200,
  uploadURL: 'https://media.example.com/storage/uploads/0193a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b?upload=…&signature=…',
  url: 'https://example.com/window.jpg',
};

const byFormat: Readonly<Record<string, string>> = {
  uuid: '0193a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b',
  'date-time': '2027-01-31T00:00:00Z',
  uri: 'https://example.com/media-events',
  binary: '@window.jpg',
};

/** Examples show the required fields and, of the optional ones, those named in `byName`; a list of everything would be hard to read. */
const isShown = (name: string, { required = [], properties = {} }: Schema): boolean =>
  required.includes(name) || name in byName || (required.length === 0 && name === Object.keys(properties)[0]);

/** A value that the schema accepts, the same on every call. */
export function exampleOf(schema: Schema, schemas: Schemas, name = ''): unknown {
  const { $ref, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas, name);
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  const known = byName[name];
  if (schema.enum !== undefined) return schema.enum.includes(known) ? known : schema.enum[0];
  if (schema.format !== undefined && schema.format in byFormat) return byFormat[schema.format];
  const types = [schema.type].flat();
  if (known !== undefined && (anyOf !== undefined || types.includes(Array.isArray(known) ? 'array' : typeof known) || types.includes('integer'))) return known;
  const [choice, ...others] = anyOf ?? oneOf ?? allOf ?? [];
  // A limit that may be null.
  if (choice !== undefined && /^(integer|number)$/.test(String(choice.type)) && others.some(({ type }) => type === 'null')) return null;
  if (choice !== undefined) return exampleOf(choice, schemas, name);
  if (schema.default !== undefined) return schema.default;
  if (types.includes('object')) return exampleFields(schema, schemas);
  if (types.includes('array')) return [exampleOf(schema.items ?? {}, schemas, name.replace(/s$/, ''))];
  if (types.includes('integer') || types.includes('number')) return schema.minimum ?? 1;
  if (types.includes('boolean')) return true;
  return name === '' ? 'text' : name;
}

function exampleFields(schema: Schema, schemas: Schemas): Record<string, unknown> {
  const shown = Object.entries(schema.properties ?? {}).filter(([name]) => isShown(name, schema));
  return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(field, schemas, name)]));
}
