/**
 * CRC checksums that senders use and Node lacks: CRC-32C and CRC-64/NVMe, the latter in two halves because bitwise operations have 32 bits. Both are
 * reflected, start with all ones and end inverted.
 */
export type Crc = { update(bytes: Buffer): void; digest(): Buffer };

type Halves = { high: Uint32Array; low: Uint32Array };

/** For each byte, the result of eight steps of the division. */
function tableOf(polynomial: { high: number; low: number }): Halves {
  const table: Halves = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte += 1) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | ((high & 1) << 31);
      high >>>= 1;
      if (!isOdd) continue;
      low ^= polynomial.low;
      high ^= polynomial.high;
    }
    table.high[byte] = high;
    table.low[byte] = low;
  }
  return table;
}

function createCrc(polynomial: { high: number; low: number }, width: 4 | 8): Crc {
  const table = tableOf(polynomial);
  let high = width === 8 ? 0xffffffff : 0;
  let low = 0xffffffff;
  return {
    update(bytes) {
      for (const byte of bytes) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (table.low[index] ?? 0);
        high = (high >>> 8) ^ (table.high[index] ?? 0);
      }
    },
    digest() {
      const digest = Buffer.alloc(8);
      digest.writeUInt32BE(~high >>> 0, 0);
      digest.writeUInt32BE(~low >>> 0, 4);
      return digest.subarray(8 - width);
    },
  };
}

export const createCrc32c = (): Crc => createCrc({ high: 0, low: 0x82f63b78 }, 4);
export const createCrc64Nvme = (): Crc => createCrc({ high: 0x9a6c9329, low: 0xac4bc9b5 }, 8);
