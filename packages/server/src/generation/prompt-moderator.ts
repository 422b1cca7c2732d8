/** What is asked about: the words, and for whom and what they are. */
export type PromptQuestion = {
  jobId: string;
  kind: 'image' | 'video';
  provider: string;
  model: string;
  prompt: string;
  ownerId: string;
  collection: string;
};

/** `reason` is for the owner; `categories` name what it was refused as. */
export type PromptVerdict = { allowed: true } | { allowed: false; reason: string | null; categories: string[] };

/** Says whether a prompt may be sent to a provider. Whatever it rejects with is no answer, and nothing is sent on none. */
export type PromptModerator = (question: PromptQuestion, options: { signal: AbortSignal }) => Promise<PromptVerdict>;
