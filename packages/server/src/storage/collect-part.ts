import { SafelightError } from '../lib/errors.ts';
import { measureBody, measuredChunks } from './measure-body.ts';
import type { Body } from './store.ts';

/** The bytes of one part, checked against the declared size. Held in memory, so that they can be sent again. */
export async function collectPart(body: Body, { bytes, signal }: { bytes: number; signal?: AbortSignal }): Promise<Buffer> {
  if (Buffer.isBuffer(body) && body.length !== bytes) {
    throw new SafelightError('upload_incomplete', `The part has ${body.length} bytes where ${bytes} were declared. Send it again.`);
  }
  const measure = measureBody({ bytes });
  const chunks: Buffer[] = [];
  for await (const chunk of measuredChunks(body, measure, signal)) chunks.push(chunk);
  measure.finish();
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}
