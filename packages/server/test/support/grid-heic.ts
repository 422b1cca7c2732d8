const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const u32 = (value: number): Buffer => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

export function isoBox(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

const fullBox = (type: string, ...parts: Buffer[]): Buffer => isoBox(type, u32(0), ...parts);

/**
 * Turns a HEIC file with one tile of 240 × 160 into a grid of the same tile, like phones store their photos; the whole may have one more property.
 */
export function gridOf(single: Buffer, property?: Buffer): Buffer {
  const hvcC = single.indexOf('hvcC', 0, 'latin1') - 4;
  const setting = single.subarray(hvcC, hvcC + single.readUInt32BE(hvcC));
  const mdat = single.lastIndexOf('mdat', single.length, 'latin1') + 4;
  const tile = single.subarray(mdat);
  const grid = Buffer.concat([Buffer.from([0, 0, 1, 1]), u16(480), u16(320)]);
  const items = [1, 2, 3, 4, 5];
  const meta = (start: number): Buffer =>
    fullBox(
      'meta',
      fullBox('hdlr', u32(0), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
      fullBox('pitm', u16(1)),
      fullBox(
        'iinf',
        u16(items.length),
        ...items.map((item) => isoBox('infe', u32(0x02000000), u16(item), u16(0), Buffer.from(item === 1 ? 'grid\0' : 'hvc1\0', 'latin1'))),
      ),
      fullBox('iref', isoBox('dimg', u16(1), u16(4), u16(2), u16(3), u16(4), u16(5))),
      isoBox(
        'iprp',
        isoBox('ipco', setting, fullBox('ispe', u32(240), u32(160)), fullBox('ispe', u32(480), u32(320)), property ?? Buffer.alloc(0)),
        fullBox(
          'ipma',
          u32(items.length),
          ...items.map((item) => Buffer.concat([u16(item), Buffer.from(item > 1 ? [2, 0x81, 2] : property === undefined ? [1, 3] : [2, 3, 0x84])])),
        ),
      ),
      fullBox(
        'iloc',
        Buffer.from([0x44, 0]),
        u16(items.length),
        ...items.map((item) => {
          const at = item === 1 ? start : start + grid.length + (item - 2) * tile.length;
          return Buffer.concat([u16(item), u16(0), u16(1), u32(at), u32(item === 1 ? grid.length : tile.length)]);
        }),
      ),
    );
  const brands = isoBox('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'));
  const start = brands.length + meta(0).length + 8;
  return Buffer.concat([brands, meta(start), isoBox('mdat', grid, tile, tile, tile, tile)]);
}
