/** What a provider says of a model when it is asked; the date as far as it tells one. */
export type ModelSeen = { state: 'there'; shutdownDate: string | null } | { state: 'missing' };

/** Asks a provider whether it has a model. Rejects where it gives no answer. */
export type LookForModel = (model: string, options: { signal: AbortSignal }) => Promise<ModelSeen>;
