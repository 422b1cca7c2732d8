/** The part of JSON Schema that the document of the API uses. */
export type Schema = {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  $ref?: string;
};
export type Place = 'path' | 'query' | 'header';
export type Parameter = { name: string; in: Place; required: boolean; schema: Schema };
/** One operation of the document, with every reference resolved. */
export type ReadOperation = {
  id: string;
  method: string;
  path: string;
  parameters: Parameter[];
  json: Schema | null;
  form: Schema | null;
};

type Content = Record<string, { schema: Schema }>;
type Described = {
  operationId: string;
  parameters?: { name: string; in: Place; required?: boolean; schema: Schema }[];
  requestBody?: { content: Content };
};
export type ApiDocument = { paths: Record<string, Record<string, Described>>; components: { schemas: Record<string, Schema> } };

/** Every operation of `/openapi.json`, which is all that an outsider knows of the API. */
export function readOperations(document: ApiDocument): ReadOperation[] {
  const whole = (schema: Schema): Schema => follow(schema, document.components.schemas);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      parameters: parameters.map(({ name, in: place, required = false, schema }) => ({ name, in: place, required, schema: whole(schema) })),
      json: bodyIn(requestBody?.content, 'application/json', whole),
      form: bodyIn(requestBody?.content, 'multipart/form-data', whole),
    })),
  );
}

function bodyIn(content: Content | undefined, type: string, whole: (schema: Schema) => Schema): Schema | null {
  const schema = content?.[type]?.schema;
  return schema === undefined ? null : whole(schema);
}

/** The schema with its references inlined. No schema of a request refers to itself. */
function follow(schema: Schema, named: Record<string, Schema>): Schema {
  if (schema.$ref !== undefined) return follow(named[schema.$ref.split('/').at(-1) ?? ''] ?? {}, named);
  const each = (schemas: Schema[]): Schema[] => schemas.map((one) => follow(one, named));
  return {
    ...schema,
    ...(schema.items === undefined ? {} : { items: follow(schema.items, named) }),
    ...(schema.anyOf === undefined ? {} : { anyOf: each(schema.anyOf) }),
    ...(schema.oneOf === undefined ? {} : { oneOf: each(schema.oneOf) }),
    ...(schema.allOf === undefined ? {} : { allOf: each(schema.allOf) }),
    ...(schema.properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, follow(inner, named)])) }),
  };
}
