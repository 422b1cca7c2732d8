/**
 * Converts CMYK without a profile as browsers do: each ink removes its complement, and black removes all. Other conversions assume a printing press.
 * Four samples per pixel become three.
 */
export function rgbOfCmyk(inks: Buffer): Buffer {
  const rgb = Buffer.allocUnsafe((inks.length / 4) * 3);
  for (let from = 0, to = 0; from + 3 < inks.length; from += 4) {
    const light = 255 - (inks[from + 3] ?? 0);
    for (let i = 0; i < 3; i++) rgb[to++] = Math.round(((255 - (inks[from + i] ?? 0)) * light) / 255);
  }
  return rgb;
}
