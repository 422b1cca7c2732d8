import { existsSync } from 'node:fs';
import path from 'node:path';

import type { z } from 'zod';

import { fileSchema } from '../config-schema.ts';
import { importAsModule } from '../lib/import-as-module.ts';
import { readValue } from '../lib/read-value.ts';

export type FileValues = z.output<typeof fileSchema>;

/** The validated contents of the file; adds its errors to `problems`, and falls back to a file that declares nothing. */
export async function readFile(file: string, problems: string[]): Promise<FileValues> {
  if (!existsSync(file)) {
    problems.push(`There is no file ${file}. Go to the folder of your safelight.config.ts, or name the file in SAFELIGHT_CONFIG.`);
    return declaresNothing();
  }
  let loaded: unknown;
  try {
    const module = await importAsModule(file);
    loaded = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  } catch (cause) {
    problems.push(`${file} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`);
    return declaresNothing();
  }
  const read = readValue(fileSchema, loaded);
  if (read.problems === null) return read.data;
  for (const { field, message } of read.problems) problems.push(`${path.basename(file)}: ${field || 'the default export'}: ${message}.`);
  return declaresNothing();
}

const declaresNothing = (): FileValues => fileSchema.parse({ collections: {} });
