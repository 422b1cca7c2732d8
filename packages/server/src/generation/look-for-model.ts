/** A provider's answer about a model; the date is set only if it tells one. */
export type ModelSeen = { state: 'there'; shutdownDate: string | null } | { state: 'missing' };

/** Asks a provider whether it has a model. Rejects when there is no answer. */
export type LookForModel = (model: string, options: { signal: AbortSignal }) => Promise<ModelSeen>;
