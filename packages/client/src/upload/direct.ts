import type { AnswerOf } from '../request.ts';
import { postFile } from './post-file.ts';
import type { UploadProtocol } from './protocol.ts';

/** One request with the file in it; the answer may already be the ready record. */
export const uploadDirect: UploadProtocol = async (input) => {
  const accepted = (await postFile(input, 'uploadDirect', {}, { ...input.destination })) as Exclude<AnswerOf<'uploadDirect'>, { results: unknown }>;
  return { media: accepted.media, jobId: 'jobId' in accepted ? accepted.jobId : null, path: accepted.media.path };
};
