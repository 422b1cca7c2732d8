/** The memory for one encoding of Full HD. */
const bytesEach = 2 ** 30;

/** How many recordings are encoded at once: one per core, as far as the memory for reading media allows. */
export const howManyEncoders = ({ cores, memoryBytes, configured }: { cores: number; memoryBytes: number; configured: number | null }): number =>
  configured ?? Math.max(1, Math.min(cores, Math.floor(memoryBytes / bytesEach)));
