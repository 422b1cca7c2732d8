type Result = { picture: string; rows: readonly { row: string; cpuMs: number; leastCpuMs: number }[] };

const colours: Readonly<Record<string, string>> = { floor: '#e8833a', naive: '#b7bdc9', ipx: '#8b93a5', pipeline: '#3b6ea5', 'decoder process': '#274b73' };
const barHeight = 18;
const left = 190;
const wide = 620;

/** CPU per photo in each row of the benchmark, picture by picture. */
export function drawBars(results: readonly Result[]): string {
  const most = Math.max(1, ...results.flatMap(({ rows }) => rows.map(({ leastCpuMs }) => leastCpuMs)));
  const parts: string[] = [];
  let y = 34;
  for (const { picture, rows } of results) {
    parts.push(`<text x="2" y="${y + 14}" font-weight="600">${picture}</text>`);
    y += barHeight;
    for (const { row, leastCpuMs } of rows) {
      const long = (leastCpuMs / most) * wide;
      parts.push(
        `<text x="${left - 8}" y="${y + 14}" text-anchor="end" fill="#444">${row}</text>`,
        `<rect x="${left}" y="${y + 1}" width="${long.toFixed(1)}" height="${barHeight - 3}" rx="2" fill="${colours[row] ?? '#999'}"/>`,
        `<text x="${(left + long + 6).toFixed(1)}" y="${y + 14}" fill="#444">${leastCpuMs.toFixed(0)} ms</text>`,
      );
      y += barHeight;
    }
    y += 14;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 ${y}" width="900" height="${y}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="2" y="18" font-size="15" fill="#222">CPU of one photo: canonical, five WebP variants and a blur; the least of all rounds</text>
${parts.join('\n')}
</svg>
`;
}
