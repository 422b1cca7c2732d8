import { answerJson, providerStub, unknownFields, unknownHeader, type Answering, type Seen } from './provider-stub.ts';

/** The state of an interaction at one poll, in the words of the API. */
export type Step = Record<string, unknown> & { status: string };

export type GeminiStub = { url: string; seen: Seen[] };

/**
 * Gemini's API as far as we use it: `generateContent` in camelCase, `interactions` in snake_case, and files only for a caller with the key. A video
 * advances by one step at each poll; unless a step says otherwise, the last one names a file of this server.
 */
export async function geminiStub(
  does: { picture?: Answering; video?: Buffer; steps?: Step[]; cancel?: Answering; on?: (seen: Seen) => Answering | null } = {},
  models = ['gemini-image-test', 'gemini-video-test'],
): Promise<GeminiStub> {
  const looks = new Map<string, number>();
  const { origin, seen } = await providerStub(
    (one) => unknownHeader(one.headers) ?? problemOf(one, models),
    (one, response) => {
      const other = does.on?.(one) ?? null;
      if (other !== null) return other(one, response);
      if (one.path.endsWith(':generateContent')) return (does.picture ?? answerJson(500, {}))(one, response);
      if (one.path.includes('/files/')) return void response.writeHead(200, { 'content-type': 'video/mp4' }).end(does.video);
      if (one.path.includes('/models/')) return answerJson(200, { name: one.path.split('/').slice(2).join('/') })(one, response);
      const id = one.path.split('/')[3];
      if (id === undefined) {
        looks.set(`int_${looks.size + 1}`, 0);
        return answerJson(200, { id: `int_${looks.size}`, status: 'in_progress', model: models.at(-1) })(one, response);
      }
      const look = looks.get(id);
      if (look === undefined) return answerJson(404, { error: { code: 404, message: 'no such interaction', status: 'NOT_FOUND' } })(one, response);
      if (one.path.endsWith('/cancel')) return (does.cancel ?? answerJson(200, { id, status: 'cancelled' }))(one, response);
      looks.set(id, look + 1);
      const steps = does.steps ?? [{ status: 'queued' }, { status: 'in_progress' }, completed(`${origin}/v1beta/files/${id}:download?alt=media`)];
      return answerJson(200, { id, ...steps[Math.min(look, steps.length - 1)] })(one, response);
    },
  );
  return { url: origin, seen };
}

export const completed = (uri: string): Step => ({
  status: 'completed',
  steps: [{ type: 'model_output', content: [{ type: 'video', mime_type: 'video/mp4', uri }] }],
  usage: { total_output_tokens: 900 },
});

export const answerPicture = (picture: Buffer): Answering =>
  answerJson(200, {
    candidates: [{ content: { role: 'model', parts: [{ inlineData: { mimeType: 'image/png', data: picture.toString('base64') } }] }, finishReason: 'STOP' }],
    usageMetadata: { totalTokenCount: 1300 },
  });

const contentFields = [
  'contents.*.role',
  'contents.*.parts.*.text',
  'contents.*.parts.*.inlineData.mimeType',
  'contents.*.parts.*.inlineData.data',
  'generationConfig.responseModalities',
  'generationConfig.imageConfig.aspectRatio',
  'generationConfig.imageConfig.imageSize',
  'generationConfig.seed',
];
const interactionFields = [
  'model',
  'input.*.type',
  'input.*.text',
  'input.*.data',
  'input.*.mime_type',
  'response_format.type',
  'response_format.delivery',
  'response_format.aspect_ratio',
  'response_format.resolution',
  'response_format.duration',
  'generation_config.video_config.task',
  'background',
  'store',
];

function problemOf({ method, path, query, headers, body }: Seen, models: readonly string[]): string | null {
  if (headers['x-goog-api-key'] !== 'key-test') return 'no key';
  if (headers.authorization !== undefined) return 'a bearer is for another product';
  const asked: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
  const generate = /^\/v1(?:beta)?\/models\/([\w.-]+):generateContent$/.exec(path);
  if (generate !== null) {
    if (!models.includes(generate[1] ?? '')) return 'model';
    return method === 'POST' ? namesProblem(unknownFields(asked, contentFields)) : `method ${method}`;
  }
  if (/^\/v1(beta)?\/interactions$/.test(path)) {
    if (method !== 'POST') return `method ${method}`;
    const { model, background, store } = asked as Record<string, unknown>;
    if (!models.includes(String(model))) return 'model';
    return background === true && store === true ? namesProblem(unknownFields(asked, interactionFields)) : 'background and store';
  }
  if (/^\/v1(?:beta)?\/interactions\/\w+$/.test(path)) return method === 'GET' && query.get('include_input') === 'false' ? null : 'include_input';
  if (/^\/v1(?:beta)?\/interactions\/\w+\/cancel$/.test(path)) return method === 'POST' ? null : `method ${method}`;
  if (/^\/v1(?:beta)?\/(files\/\w+:download|models\/[\w.-]+)$/.test(path)) return method === 'GET' ? null : `method ${method}`;
  return `path ${path}`;
}

const namesProblem = (names: string[]): string | null => (names.length === 0 ? null : `fields ${names.join(', ')}`);
