import { formProblem } from './openai-stub.ts';
import { answerJson, providerStub, unknownFields, unknownHeader, type Answering, type Seen } from './provider-stub.ts';

export type VideoSteps = { status: 'queued' | 'in_progress' | 'completed' | 'failed'; progress?: number; error?: { code: string; message: string } }[];

export type CompatibleStub = { url: string; seen: Seen[] };

/**
 * A server with OpenAI's protocol and the video endpoints that OpenAI has removed: `/v1/videos`, its content with ranges, and DELETE. A video
 * advances by one step at each poll.
 */
export async function compatibleStub(
  does: { picture?: Answering; video?: Buffer; steps?: VideoSteps; on?: (seen: Seen) => Answering | null },
  models = ['any-image', 'any-video'],
): Promise<CompatibleStub> {
  const looks = new Map<string, number>();
  const steps = does.steps ?? [
    { status: 'queued', progress: 0 },
    { status: 'in_progress', progress: 40 },
    { status: 'completed', progress: 100 },
  ];
  const { origin, seen } = await providerStub(
    (one) => unknownHeader(one.headers) ?? problemOf(one, models),
    (one, response) => {
      const other = does.on?.(one) ?? null;
      if (other !== null) return other(one, response);
      if (one.path.startsWith('/v1/images/')) return (does.picture ?? answerJson(500, {}))(one, response);
      if (one.path.startsWith('/files/')) return void response.writeHead(200, { 'content-type': 'image/png' }).end(does.video);
      const id = one.path.split('/')[3];
      if (one.method === 'POST') {
        looks.set(`video_${looks.size + 1}`, 0);
        return answerJson(200, { id: `video_${looks.size}`, object: 'video', status: 'queued', progress: 0 })(one, response);
      }
      const look = looks.get(id ?? '');
      if (id === undefined || look === undefined) return answerJson(404, { error: { message: 'no such video', code: 'not_found' } })(one, response);
      if (one.method === 'DELETE') {
        looks.delete(id);
        return answerJson(200, { id, object: 'video.deleted', deleted: true })(one, response);
      }
      if (one.path.endsWith('/content')) return answerRange(does.video ?? Buffer.alloc(0))(one, response);
      looks.set(id, look + 1);
      return answerJson(200, { id, object: 'video', ...steps[Math.min(look, steps.length - 1)] })(one, response);
    },
  );
  return { url: `${origin}/v1`, seen };
}

const answerRange =
  (whole: Buffer): Answering =>
  ({ headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    response
      .writeHead(headers.range === undefined ? 200 : 206, { 'content-type': 'video/mp4', 'content-length': whole.length - from })
      .end(whole.subarray(from));
  };

const pictureFields = ['model', 'prompt', 'n', 'size', 'quality', 'output_format', 'response_format'];
const videoFields = ['model', 'prompt', 'seconds', 'size', 'input_reference'];

function problemOf({ method, path, headers, body }: Seen, models: readonly string[]): string | null {
  if (!/^Bearer \S+$/.test(headers.authorization ?? '')) return 'no bearer';
  if (method === 'GET' && /^\/files\/|^\/v1\/models(\/|$)/.test(path)) return null;
  if (/^\/v1\/videos\/[\w-]+(\/content)?$/.test(path))
    return method === 'GET' || (method === 'DELETE' && !path.endsWith('/content')) ? null : `method ${method}`;
  if (method !== 'POST') return `method ${method}`;
  if (path === '/v1/videos') return formProblem(headers['content-type'], body, videoFields);
  if (path === '/v1/images/edits') return formProblem(headers['content-type'], body, [...pictureFields, 'image', 'image[]', 'mask']);
  if (path !== '/v1/images/generations') return `path ${path}`;
  const asked = JSON.parse(body.toString()) as Record<string, unknown>;
  const unknown = unknownFields(asked, pictureFields);
  if (unknown.length > 0) return `fields ${unknown.join(', ')}`;
  return models.includes(String(asked['model'])) ? null : 'model';
}
