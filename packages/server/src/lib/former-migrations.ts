/** The migrations that led to the schema of the first release during its development; the files up to `lastOfFirstRelease` now create it at once. */
export const formerNames = [
  '0001_records',
  '0002_queue',
  '0003_events',
  '0016_generation',
  '0019_webhooks',
  '0025_quota_of_upload',
  '0026_grants',
  '0027_downloads_of_media',
  '0028_recordings',
  '0032_locks',
  '0033_backup_hold',
  '0036_crc_of_objects',
  '0044_lists',
  '0048_stages',
  '0049_carried_by_cdn',
  '0050_shop',
  '0051_prompts',
  '0055_search',
  '0056_looks',
  '0058_tries',
  '0059_take_downloads',
  '0061_traces',
  '0063_months_of_downloads',
].map((name) => `${name}.sql`);

const lastOfFirstRelease = '0010_downloads.sql';

/** Whether a file is among those that create the schema of the first release. */
export const isOfFirstRelease = (name: string): boolean => name <= lastOfFirstRelease;

/**
 * How far those migrations had come, by the names that were applied: `whole` is the schema of the first release, `partly` an earlier state, from
 * which no current file leads on.
 */
export function formerMigrations(applied: readonly string[]): { state: 'none' } | { state: 'whole' | 'partly'; names: string[] } {
  // The first one has the same name as its successor.
  const names = formerNames.filter((name) => applied.includes(name));
  if (names.every((name) => name === formerNames[0])) return { state: 'none' };
  return { state: names.length === formerNames.length ? 'whole' : 'partly', names };
}
