/** What an operation answers. `sent` means that it wrote the answer itself, as a stream. */
export type Answer = KeptAnswer | 'sent';
export type KeptAnswer = { status: number; body?: unknown; headers?: Record<string, string> };
