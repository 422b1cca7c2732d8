/** Apart from the schemas, so that code that only names them loads none. */
export const kinds = ['image', 'video', 'audio', 'file'] as const;
