import type { Result } from './figures.ts';

const [left, wide, barHeight] = [430, 380, 18];
/** Ratios from 1/50 to 50, on a logarithmic scale. */
const most = 50;
const at = (ratio: number): number => left + wide / 2 + (Math.log(Math.min(most, Math.max(1 / most, ratio))) / Math.log(most)) * (wide / 2);

/** Ratios of all rows as bars from 1 ×, to the left if ours is smaller; a line marks the goal, if any. */
export function drawRatios(results: readonly Result[]): string {
  const parts: string[] = [];
  let y = 40;
  for (const { title, figures } of results) {
    const ratios = figures.filter(({ unit, value }) => unit === '×' && Number.isFinite(value) && value > 0);
    if (ratios.length === 0) continue;
    parts.push(`<text x="2" y="${y + 14}" font-weight="600">${escaped(title)}</text>`);
    y += barHeight + 2;
    for (const { what, value, goal } of ratios) {
      const [from, to] = [Math.min(at(1), at(value)), Math.max(at(1), at(value))];
      const colour = goal === undefined ? '#8b93a5' : value <= goal ? '#3b6ea5' : '#e8833a';
      parts.push(
        `<text x="${left - 8}" y="${y + 13}" text-anchor="end" fill="#444">${escaped(what.length > 68 ? `${what.slice(0, 67)}…` : what)}</text>`,
        `<rect x="${from.toFixed(1)}" y="${y + 1}" width="${Math.max(1.5, to - from).toFixed(1)}" height="${barHeight - 4}" rx="2" fill="${colour}"/>`,
        ...(goal === undefined ? [] : [`<rect x="${at(goal).toFixed(1)}" y="${y - 1}" width="1.5" height="${barHeight}" fill="#222"/>`]),
        `<text x="${left + wide + 8}" y="${y + 13}" fill="#444">${value.toFixed(2)} ×${goal === undefined ? '' : ` (≤ ${goal})`}</text>`,
      );
      y += barHeight;
    }
    y += 10;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 ${y}" width="920" height="${y}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="2" y="18" font-size="15" fill="#222">Ours against the other, on a logarithmic scale: left of the middle ours takes less; blue meets its goal, orange does not</text>
<rect x="${at(1)}" y="30" width="1" height="${y - 34}" fill="#bbb"/>
${parts.join('\n')}
</svg>
`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
