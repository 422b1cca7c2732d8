'use client';
import type { Uploads, UploadsOptions } from './file-upload.ts';

/** Asks again about the files that are held, after the rules have changed. Each stays the file that it was: who waits for it goes on waiting. */
export async function recheckHeld(uploads: Uploads, check: NonNullable<UploadsOptions['check']>): Promise<void> {
  for (const { id, source, destination, advice: before } of uploads.getSnapshot().files.filter(({ state }) => state === 'held')) {
    const advice = (await check(source, destination)?.catch(() => before)) ?? null;
    const file = uploads.getSnapshot().files.find((one) => one.id === id && one.state === 'held');
    if (file && advice?.detail !== file.advice?.detail) file.hold(advice);
  }
}
