import type { LookForModel } from '../look-for-model.ts';
import { field } from '../provider-failures.ts';
import { createClient, type ClientOptions } from './create-client.ts';

/** Asks Gemini about one model. It costs nothing; the answer has no shutdown date. */
export function createLookForModel(options: ClientOptions): LookForModel {
  const open = createClient(options);
  return async (model, { signal }) => {
    try {
      await (await open({ signal })).models.get({ model, config: { abortSignal: signal } });
      return { state: 'there', shutdownDate: null };
    } catch (error) {
      if (field(error, 'status') === 404) return { state: 'missing' };
      throw error;
    }
  };
}
