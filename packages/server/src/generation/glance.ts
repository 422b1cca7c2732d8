import { askBriefly } from './ask-briefly.ts';
import type { Glance } from './generator.ts';
import { field } from './provider-failures.ts';

/** Asks a provider whether it still works on something; `running` lists the states that mean so. */
export async function glance(url: string, call: { headers: Record<string, string>; signal: AbortSignal; running: ReadonlySet<unknown> }): Promise<Glance> {
  const { status, said } = await askBriefly(url, call);
  if (status === 200 && call.running.has(field(said, 'status'))) return { is: 'running', progress: shareOf(field(said, 'progress')) };
  const isBusy = status === null || status === 429 || (status === 503 && said !== undefined);
  return { is: isBusy ? 'silent' : 'news' };
}

/** A percentage as a fraction. */
export const shareOf = (percent: unknown): number | null => (typeof percent === 'number' && percent > 0 && percent <= 100 ? percent / 100 : null);
