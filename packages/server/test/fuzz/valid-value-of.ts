import type { Schema } from './read-operations.ts';

/** Values for names that need more than their type, so that a request gets as far as possible. In braces: values that exist when it is sent. */
const byName: Record<string, unknown> = {
  collection: 'artist.images',
  entity: 'artist/fuzz',
  entityType: 'artist',
  entityId: 'fuzz',
  type: 'artist',
  filename: 'photo.jpg',
  contentType: 'image/jpeg',
  byteSize: 1_000,
  url: 'http://127.0.0.1:9/photo.jpg',
  id: '{{media}}',
  mediaId: '{{media}}',
  assetId: '{{media}}',
  uploadId: '{{upload}}',
  jobId: '{{job}}',
  objectPath: '{{path}}',
  path: '{{path}}',
  sha256: 'a'.repeat(64),
  token: '{{token}}',
  partNumber: '1',
  size: '256x256',
  aspectRatio: '16:9',
  since: '2026-01-01T00:00:00Z',
  'metadata[collection]': 'product.files',
  'metadata[entityType]': 'product',
  'metadata[entityId]': 'fuzz',
  'if-match': '*',
  'tus-resumable': '1.0.0',
  'upload-length': '10',
  'upload-offset': '0',
  'upload-metadata': 'collection cHJvZHVjdC5maWxlcw==,entityType cHJvZHVjdA==,entityId ZnV6eg==',
  'upload-draft-interop-version': '6',
  'upload-complete': '?1',
};

/** A value that the schema accepts; an object gets all of its properties, or only the required ones. */
export function validValueOf(schema: Schema, name = '', only: 'required' | 'all' = 'all'): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const branch = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.find((one) => one.type !== 'null');
  if (branch !== undefined) return validValueOf(branch, name, only);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const { properties = {}, required = [] } = schema;
  if (type === 'object' || schema.properties !== undefined)
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([inner]) => only === 'all' || required.includes(inner))
        .map(([inner, one]) => [inner, validValueOf(one, inner, only)]),
    );
  if (type === 'array') return name === 'acceptedTypes' ? ['image/*'] : [validValueOf(schema.items ?? {}, name, only)];
  if (name in byName) return byName[name];
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'boolean') return false;
  if (schema.format === 'uuid') return '{{media}}';
  return schema.format === 'date-time' ? '2026-01-01T00:00:00Z' : 'fuzz';
}

export type Path = readonly (string | number)[];

/** The paths of all values in a value, including its own. */
export function pathsIn(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [above];
  return [above, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...above, Array.isArray(value) ? Number(name) : name]))];
}

/** The same value with another one at one path. */
export function replacedAt(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((inner, index) => (index === first ? replacedAt(inner, rest, by) : inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === first ? replacedAt(inner, rest, by) : inner]));
}
