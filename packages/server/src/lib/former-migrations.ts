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

/** Digests of the first files before their comments were reworded; the statements were the same. */
export const formerDigests: ReadonlySet<string> = new Set([
  'fdac19169c9349f28db45760d04302288cf909397d1879890a850d830bcc7859',
  '72db9e425bfb63cfc3218bbaf330453fb85f28e8acf250eeb5df1c69b9534f57',
  '3f8745b6f224a0deb287f2b3c18ab50577d6396f56097a0d6290ab26239db2ed',
  '4f2c81179bde8d83d466126a2ce09ac1ed72d2a91a09a9f0060fee6981b98c36',
  '827c15aa48450ba29ca389d4d48b43786a3ea96c35cb5cb09e3ab38569d9b2b2',
  'ef17696cfe288511f72f7771e5e54fab2ef8c55e9489d7ec2a1d005a9374e140',
  '9b95a658590c8a5cffedfac8280ef635f7877a29af6ed0e7463e85fc7c2bcbc9',
  '1f000b2859e133ee6c14da63768c4acbcba34e666d51bad4d20b62199a4082da',
  'bb683a8062e33f247c8cae967745be5fdfe2c56f0f8d7729767c22d254c7564c',
  '5959f4dc4f9d6fa651385d845eb9b37b1199efd3074e02e3b40fecedebdfb32c',
  '3ccf62f3879dfee05dfc1cdd074983d0d11fc2350ce47344e22b41a0a3c52e54',
]);
