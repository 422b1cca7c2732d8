import { SafelightError } from '../lib/errors.ts';

/** The error of a create-only write that is not the first. */
export const keyTaken = (key: string, cause?: unknown): SafelightError =>
  new SafelightError('conflict', 'An object with this key exists already. Choose a fresh key.', { cause, context: { key } });
