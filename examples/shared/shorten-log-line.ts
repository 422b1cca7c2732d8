type Entry = { msg: string; err?: { message?: string } };

/** One line for a person at a terminal: the sentence of an entry of Safelight's log and why. What is no entry stays as it is. */
export function shortenLogLine(line: string): string {
  const entry = readEntry(line);
  if (entry === null) return line;
  const [why = ''] = (entry.err?.message ?? '').split('\n');
  return why === '' ? `Safelight: ${entry.msg}` : `Safelight: ${entry.msg} ${why}`;
}

function readEntry(line: string): Entry | null {
  if (!line.startsWith('{')) return null;
  try {
    const entry = JSON.parse(line) as Partial<Entry>;
    return entry.msg === undefined ? null : { ...entry, msg: entry.msg };
  } catch {
    return null;
  }
}
