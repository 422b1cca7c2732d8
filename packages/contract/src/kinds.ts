/** Separate from the schemas, so that code that only uses the names does not load them. */
export const kinds = ['image', 'video', 'audio', 'file'] as const;
