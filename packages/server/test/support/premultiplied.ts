/**
 * Adds to an AVIF with alpha, as our encoder writes it, the statement that its colours are premultiplied: one more reference, and the data moved
 * accordingly.
 */
export function premultiplied(avif: Buffer): Buffer {
  const boxAt = (type: string): number => avif.indexOf(type, 0, 'latin1') - 4;
  const reference = Buffer.from('\0\0\0\x0eprem\0\x01\0\x01\0\x02', 'latin1');
  const [meta, iref, iloc] = [boxAt('meta'), boxAt('iref'), boxAt('iloc')];
  const end = iref + avif.readUInt32BE(iref);
  const whole = Buffer.concat([avif.subarray(0, end), reference, avif.subarray(end)]);
  for (const box of [meta, iref]) whole.writeUInt32BE(whole.readUInt32BE(box) + reference.length, box);
  // After the head of the box: two items of one extent each, whose offset is the second field of four bytes.
  for (const at of [iloc + 16, iloc + 34]) whole.writeUInt32BE(whole.readUInt32BE(at + 10) + reference.length, at + 10);
  return whole;
}
