import { answerJson, providerStub, unknownFields, unknownHeader, type Answering, type Seen } from './provider-stub.ts';

/** Accepts what the real API accepts, and nothing else: an unknown path, method, key, model or field is refused. */
export async function openaiStub(answer: Answering, models = ['gpt-image-test']): Promise<{ url: string; seen: Seen[] }> {
  const { origin, seen } = await providerStub((one) => unknownHeader(one.headers) ?? problemOf(one, models), answer);
  return { url: `${origin}/v1`, seen };
}

const fields = ['model', 'prompt', 'n', 'size', 'quality', 'output_format', 'background', 'safety_identifier'];
const files = ['image', 'image[]', 'mask'];

function problemOf({ method, path, headers, body }: Seen, models: readonly string[]): string | null {
  if (headers.authorization?.startsWith('Bearer sk-test') !== true) return 'no bearer';
  if (method === 'GET' && path.startsWith('/v1/models/')) return null;
  if (method !== 'POST') return `method ${method}`;
  if (path === '/v1/images/edits') return formProblem(headers['content-type'], body, [...fields, ...files]);
  if (path !== '/v1/images/generations') return `path ${path}`;
  const asked = JSON.parse(body.toString()) as Record<string, unknown>;
  const unknown = unknownFields(asked, fields);
  if (unknown.length > 0) return `fields ${unknown.join(', ')}`;
  if (!models.includes(String(asked['model']))) return 'model';
  return Number.isInteger(asked['n']) && Number(asked['n']) >= 1 && Number(asked['n']) <= 10 ? null : 'n';
}

export function formProblem(type: string | undefined, body: Buffer, known: readonly string[]): string | null {
  if (type?.startsWith('multipart/form-data') !== true) return 'this comes as a form';
  const names = [...body.toString('latin1').matchAll(/form-data; name="([^"]+)"/g)].map(([, name]) => name ?? '');
  const unknown = names.filter((name) => !known.includes(name));
  return unknown.length === 0 ? null : `fields ${unknown.join(', ')}`;
}

export const answerPictures = (picture: Buffer, n: number): Answering =>
  answerJson(200, { created: 1, data: Array.from({ length: n }, () => ({ b64_json: picture.toString('base64') })), usage: { total_tokens: 9 } });
