/**
 * The shutdown dates that providers have announced, from the types of their client libraries and from their pages. Not all report them by API;
 * `safelight doctor` also asks those that do, and their answers take precedence there. If only a month is announced, its last day is given.
 */
const announced: Readonly<Record<string, string>> = {
  'openai/gpt-image-1': '2026-10-23',
  'openai/gpt-image-1.5': '2026-12-01',
  'openai/gpt-image-1-mini': '2026-12-01',
  'openai/chatgpt-image-latest': '2026-12-01',
  'openai/sora-2': '2026-09-24',
  'openai/sora-2-pro': '2026-09-24',
  'gemini/gemini-2.5-flash': '2026-10-31',
  'gemini/gemini-2.5-pro': '2026-10-31',
  'gemini/gemini-2.5-flash-image': '2026-10-31',
};

export const shutdownDateOf = ({ provider, model }: { provider: string; model: string }): string | null => announced[`${provider}/${model}`] ?? null;
