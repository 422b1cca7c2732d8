/** Divides premultiplied colours by their alpha, in place. Four samples per pixel, the last is alpha. */
export function divideByAlpha(samples: Uint8Array | Uint16Array): void {
  const most = samples instanceof Uint16Array ? 65_535 : 255;
  for (let at = 0; at + 3 < samples.length; at += 4) {
    const alpha = samples[at + 3] ?? most;
    if (alpha === 0 || alpha === most) continue;
    for (let i = at; i < at + 3; i++) samples[i] = Math.min(most, Math.round(((samples[i] ?? 0) * most) / alpha));
  }
}
