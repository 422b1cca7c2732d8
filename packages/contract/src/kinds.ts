/** Apart from the schemas, so that who only names them loads none. */
export const kinds = ['image', 'video', 'audio', 'file'] as const;
