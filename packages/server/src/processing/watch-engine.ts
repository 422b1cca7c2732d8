import { setTimeout as delay } from 'node:timers/promises';

import type { RecordingsHere } from '../policy/recordings-here.ts';
import type { UnavailableType } from '../policy/unavailable-types.ts';
import { recordingTypes } from './engine/demuxer-of.ts';
import type { Engines } from './engine/engine.ts';

const againMs = 60_000;

/**
 * Keeps the list of types that cannot be read without an engine up to date, and the engine's limits on length and size. Without an engine it searches
 * every minute, so that a newly installed one counts without a restart.
 */
export async function watchEngine(
  engines: Engines,
  { types, here, closing, everyMs = againMs }: { types: UnavailableType[]; here: RecordingsHere; closing: AbortSignal; everyMs?: number },
): Promise<void> {
  const isRecording = new Set(recordingTypes);
  while (!closing.aborted) {
    const { engine, reason } = await engines.find();
    const others = types.filter(({ type }) => !isRecording.has(type));
    types.splice(0, types.length, ...others, ...(reason === null ? [] : recordingTypes.map((type) => ({ type, reason }))));
    const most = engine?.most ?? null;
    Object.assign(here, { longestMs: most === null ? null : most.seconds * 1000, mostBytes: most?.bytes ?? null });
    if (engine !== null) return;
    await delay(everyMs, undefined, { signal: closing, ref: false }).catch(() => undefined);
  }
}
