/** Page cursors are opaque to clients: what they hold may change, so nobody shall build one. */
export const encodeCursor = (position: string): string => Buffer.from(position).toString('base64url');
export const decodeCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();
