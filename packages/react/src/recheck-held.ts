'use client';
import type { Uploads, UploadsOptions } from './file-upload.ts';

/** Checks held files again after the rules have changed. Each entry stays the same, so promises for it stay valid. */
export async function recheckHeld(uploads: Uploads, check: NonNullable<UploadsOptions['check']>): Promise<void> {
  for (const { id, source, destination, advice: before } of uploads.getSnapshot().files.filter(({ state }) => state === 'held')) {
    const advice = (await check(source, destination)?.catch(() => before)) ?? null;
    const file = uploads.getSnapshot().files.find((one) => one.id === id && one.state === 'held');
    if (file && advice?.detail !== file.advice?.detail) file.hold(advice);
  }
}
