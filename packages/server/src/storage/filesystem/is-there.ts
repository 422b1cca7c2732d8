import { stat } from 'node:fs/promises';
import { isMissing } from './filesystem-error.ts';

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
