import type { Step } from './measure-steps.ts';

const width = 960;
const rowHeight = 34;
const titleHeight = 44;

/** A flame graph, root on top: widths are CPU, orange is the cost of the bare codecs, grey is ours. */
export function drawFlame(title: string, root: Step): string {
  const boxes: string[] = [];
  const draw = (step: Step, x: number, depth: number, scale: number): void => {
    const wide = step.ms * scale;
    if (wide < 0.5) return;
    const y = titleHeight + depth * (rowHeight + 2);
    const colour = step.isFloor === true ? '#e8833a' : depth === 0 ? '#3b4252' : step.parts === undefined ? '#8b93a5' : '#5b6478';
    const label = `${step.name} ${step.ms.toFixed(step.ms < 10 ? 1 : 0)} ms`;
    boxes.push(
      `<g><title>${label}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, wide - 1).toFixed(1)}" height="${rowHeight}" rx="2" fill="${colour}"/>` +
        (wide > 7 * label.length
          ? `<text x="${(x + 6).toFixed(1)}" y="${y + 22}" fill="#fff">${label}</text>`
          : wide > 7 * step.name.length
            ? `<text x="${(x + 4).toFixed(1)}" y="${y + 22}" fill="#fff">${step.name}</text>`
            : '') +
        '</g>',
    );
    let at = x;
    for (const part of step.parts ?? []) {
      draw(part, at, depth + 1, scale);
      at += part.ms * scale;
    }
  };
  draw(root, 0, 0, width / root.ms);
  const height = titleHeight + 3 * (rowHeight + 2) + 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="2" y="18" font-size="15" fill="#222">${title}: CPU of one photo, the least of several rounds</text>
<text x="2" y="36" fill="#666">orange: decode and bare encoders, which the floor costs too; grey: resizing, colours, placeholders</text>
${boxes.join('\n')}
</svg>
`;
}
