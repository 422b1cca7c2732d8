import { request, type CallOptions, type Connection } from './request.ts';

export function entitiesResource(connection: Connection) {
  return {
    /** What an entity shows, in order; its owner also gets the tray of what is not shown yet. */
    readMedia: (type: string, id: string, options: CallOptions & { collection?: string } = {}) => {
      const { collection, ...call } = options;
      return request(connection, 'readEntityMedia', { ...call, params: { type, id }, query: collection === undefined ? {} : { collection } });
    },
  };
}
