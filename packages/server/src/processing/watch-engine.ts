import { setTimeout as delay } from 'node:timers/promises';

import type { RecordingsHere } from '../policy/recordings-here.ts';
import type { UnavailableType } from '../policy/unavailable-types.ts';
import { recordingTypes } from './engine/demuxer-of.ts';
import type { Engines } from './engine/engine.ts';

const againMs = 60_000;

/**
 * Keeps up to date which types cannot be read for want of an engine, and how long and how large a recording may be for it. While there is none it is
 * looked for every minute, so that one that is installed counts without a restart.
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
