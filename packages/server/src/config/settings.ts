import { settingsOfMedia } from './settings-of-media.ts';
import { settingsOfProcess } from './settings-of-process.ts';

/** The environment's settings: one table for the parser, `safelight doctor` and `docs/configuration.md`. */
export const settings = [...settingsOfProcess, ...settingsOfMedia] as const;
