/** What one encoding of Full HD is allowed to take. */
const bytesEach = 2 ** 30;

/** So many recordings are encoded at once: one for each core, as far as the memory that is there for reading media goes. */
export const howManyEncoders = ({ cores, memoryBytes, configured }: { cores: number; memoryBytes: number; configured: number | null }): number =>
  configured ?? Math.max(1, Math.min(cores, Math.floor(memoryBytes / bytesEach)));
