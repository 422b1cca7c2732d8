import { drawSequence } from './draw-sequence.ts';

type Token = { info: string; content: string };
type Render = (tokens: Token[], index: number, ...rest: unknown[]) => string;
type Markdown = { renderer: { rules: { fence?: Render } }; render: (text: string) => string };

/**
 * Renders diagrams that pages contain as text: sequences are drawn, states become a table. The usual renderer is larger than the rest of the site.
 */
export function showDiagrams(md: Markdown): void {
  const before = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    if (token?.info.trim() !== 'mermaid') return before?.(tokens, index, ...rest) ?? '';
    return token.content.startsWith('sequenceDiagram') ? drawSequence(token.content) : md.render(tableOf(token.content));
  };
}

function tableOf(diagram: string): string {
  const rows = [...diagram.matchAll(/^ *(\S+) --> (\S+): (.+)$/gm)].map(([, from = '', to = '', when = '']) => `| ${named(from)} | ${named(to)} | ${when} |`);
  return `| from | to | when |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

const named = (state: string): string => (state === '[*]' ? '–' : `\`${state}\``);
