import { patienceMs } from '../../lib/patience.ts';
import type { Config } from '../../config.ts';
import { openDecoderPool } from '../../processing/image/decoder-pool.ts';
import { broken, doubtful, fine, messageOf, type Finding } from './finding.ts';

/** Asks a decoder process, since only there the codecs are loaded. */
export async function checkCodecs(config: Config, { signal }: { signal: AbortSignal }): Promise<Finding[]> {
  const pool = openDecoderPool({ size: 1, memoryBudgetBytes: config.decoders.memoryBytes, deadlineMs: config.decoders.deadlineMs });
  try {
    const { types, missing } = await pool.capabilities({ signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.checkCodecs)]) });
    const absent = missing.map(({ type, reason }) =>
      doubtful(
        'decoders',
        `${type} cannot be decoded: ${reason}`,
        type === 'image/heic' || type === 'image/heif'
          ? 'Run "npm install --include=optional", or leave it: such files are then refused with unsupported_codec.'
          : 'Install the packages again with "npm install".',
      ),
    );
    return [fine('decoders', `${types.map((type) => type.replace('image/', '')).join(', ')}; ${config.decoders.count} at once`), ...absent];
  } catch (error) {
    if (signal.aborted) throw error;
    return [
      broken(
        'decoders',
        `no decoder process starts: ${messageOf(error)}`,
        'Run "npm install --include=optional" on this machine: sharp brings its library as a package for each platform.',
      ),
    ];
  } finally {
    await pool.close();
  }
}
