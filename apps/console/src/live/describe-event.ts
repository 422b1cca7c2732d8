import type { SafelightEvent } from '@safelight/client';

/** What an event says beyond its name, in a few words; empty when the name says it all. */
export function describeEvent({ data }: SafelightEvent): string {
  if ('error' in data) return data.error.message;
  if ('progress' in data) return [data.progress === null ? '' : `${Math.round(data.progress * 100)} %`, data.message ?? ''].filter(Boolean).join(' · ');
  if ('decision' in data) return [data.decision, data.reason ?? ''].filter(Boolean).join(': ');
  if ('changed' in data) return `${data.collection}: ${data.changed.join(', ')}`;
  return 'message' in data ? (data.message ?? '') : '';
}
