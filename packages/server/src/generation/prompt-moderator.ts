/** The question: the prompt, its owner, and the kind of media. */
export type PromptQuestion = {
  jobId: string;
  kind: 'image' | 'video';
  provider: string;
  model: string;
  prompt: string;
  ownerId: string;
  collection: string;
};

/** `reason` is for the owner; `categories` name the grounds of the refusal. */
export type PromptVerdict = { allowed: true } | { allowed: false; reason: string | null; categories: string[] };

/** Decides whether a prompt may be sent to a provider. Any rejection means that there is no answer, and then nothing is sent. */
export type PromptModerator = (question: PromptQuestion, options: { signal: AbortSignal }) => Promise<PromptVerdict>;
