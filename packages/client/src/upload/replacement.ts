import type { AnswerOf } from '../request.ts';
import { postFile } from './post-file.ts';
import type { UploadProtocol } from './protocol.ts';

/** The file takes the place of a record once it is ready and past the gate; until then that record stays as it is. */
export const uploadReplacement =
  (id: string): UploadProtocol =>
  async (input) => {
    const { media, jobId } = (await postFile(input, 'replaceMedia', { id }, {})) as AnswerOf<'replaceMedia'>;
    return { media, jobId, path: media.path };
  };
