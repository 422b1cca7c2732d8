import type { SettingType } from './setting-types.ts';

/** A row of the table; the text of a default is parsed like any other value. */
export type Setting = SettingType<unknown> & { env: string; group: string; default?: string; purpose: string; why?: string; secret?: true };
