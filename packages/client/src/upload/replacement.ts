import type { AnswerOf } from '../request.ts';
import { postFile } from './post-file.ts';
import type { UploadProtocol } from './protocol.ts';

/** Uploads a file that replaces a record once it is ready and past the gate; until then that record stays as it is. */
export const uploadReplacement =
  (id: string): UploadProtocol =>
  async (input) => {
    const { media, jobId } = (await postFile(input, 'replaceMedia', { id }, {})) as AnswerOf<'replaceMedia'>;
    return { media, jobId, path: media.path };
  };
