/** The first id that a record of this time can have: ids (UUIDv7) begin with the time in milliseconds, so a time is found without an index of its own. */
export function firstIdOf(time: Date): string {
  const hex = Math.min(Math.max(time.getTime(), 0), 0xffff_ffff_ffff).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
