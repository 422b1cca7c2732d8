/**
 * When providers end models, as they have announced it: of the types of their own client libraries and of their pages. The providers do not
 * all tell it by their API; `safelight doctor` asks those that do as well, and what they say there holds. Where
 * only a month is announced its last day stands here.
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
