/** The result of one check. `fix` says what to do about a problem. */
export type Finding = { check: string; detail: string } & ({ result: 'ok'; fix?: never } | { result: 'warning' | 'failed'; fix: string });

export const fine = (check: string, detail: string): Finding => ({ check, result: 'ok', detail });
export const doubtful = (check: string, detail: string, fix: string): Finding => ({ check, result: 'warning', detail, fix });
export const broken = (check: string, detail: string, fix: string): Finding => ({ check, result: 'failed', detail, fix });

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
