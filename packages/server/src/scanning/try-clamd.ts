import type { Log } from '../lib/log.ts';
import { patienceMs } from '../lib/patience.ts';
import { askClamd } from './ask-clamd.ts';
import { describeAddress } from './describe-address.ts';
import type { ClamdOptions } from './create-clamd-scanner.ts';

type Look = { log: Pick<Log, 'warn'>; signal: AbortSignal };

/** Asks clamd once whether it is there, and logs that it is not: a process starts without it, because it may come before the first file does. */
export async function tryClamd({ address, silenceMs }: Pick<ClamdOptions, 'address' | 'silenceMs'>, { log, signal }: Look): Promise<void> {
  try {
    await askClamd({ address, command: 'PING', silenceMs, signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.check)]) });
  } catch (error) {
    if (signal.aborted) return;
    log.warn(
      { err: error, clamd: describeAddress(address) },
      'The malware scanner does not answer. Until it does, no file is taken without it. Start clamd or correct SAFELIGHT_CLAMD; "safelight doctor" tries it.',
    );
  }
}
