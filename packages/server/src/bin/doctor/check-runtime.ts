import { availableParallelism, freemem, totalmem } from 'node:os';

import { version } from '../../lib/version.ts';
import { bytesText } from '../terminal.ts';
import { doubtful, fine, type Finding } from './finding.ts';

/** With less than this, a large picture and the database compete for the rest. */
const comfortableBytes = 1 << 30;

export function checkRuntime(): Finding[] {
  const memory = `${bytesText(freemem())} of ${bytesText(totalmem())} memory free, ${availableParallelism()} cores`;
  return [
    fine('runtime', `Safelight ${version} on Node ${process.versions.node}, ${process.platform}-${process.arch}`),
    totalmem() >= comfortableBytes
      ? fine('machine', memory)
      : doubtful('machine', memory, 'Lower SAFELIGHT_DECODER_MEMORY_MB and SAFELIGHT_DECODERS, or give the machine 1 GB or more.'),
  ];
}
