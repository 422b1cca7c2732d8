import type { LookForModel } from '../look-for-model.ts';
import { field } from '../provider-failures.ts';
import { createClient, type ClientOptions } from './create-client.ts';

/** Asks OpenAI, or a server that speaks its protocol, about one model. It costs nothing. */
export function createLookForModel(options: ClientOptions): LookForModel {
  const open = createClient(options);
  return async (model, { signal }) => {
    try {
      const found: unknown = await (await open()).models.retrieve(model, { signal });
      const date = field(found, 'shutdown_date');
      return { state: 'there', shutdownDate: typeof date === 'string' && date !== '' ? date.slice(0, 10) : null };
    } catch (error) {
      if (field(error, 'status') === 404) return { state: 'missing' };
      throw error;
    }
  };
}
