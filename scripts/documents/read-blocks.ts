/** A fenced block of a page: its content, its position, and the instruction in a comment before it. */
export type Block = { language: string; text: string; line: number; notRun: string | null; runBy: string | null; refused: string | null };

/**
 * The fenced blocks of a page, in order. A comment before one may be `<!-- not run: reason -->`: it is only shown; `<!-- run by file: … -->`: another
 * suite runs it; `<!-- refused: code -->`: its request is refused with this code.
 */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  let said: Pick<Block, 'notRun' | 'runBy' | 'refused'> = { ...nothing };
  // Indentation of a block within a list.
  let indent = '';
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open !== null) {
      if (line.trim() === '```') {
        blocks.push(open);
        open = null;
      } else open.text += `${line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()}\n`;
      continue;
    }
    const fence = /^( *)```(\w*)/.exec(line);
    if (fence !== null) {
      indent = fence[1] ?? '';
      open = { language: fence[2] ?? '', text: '', line: index + 1, ...said };
      said = { ...nothing };
    } else if (line.trim() !== '') {
      const [, what, how = null] = /^<!-- (not run|run by|refused):? (.+) -->$/.exec(line.trim()) ?? [];
      said = { notRun: what === 'not run' ? how : null, runBy: what === 'run by' ? how : null, refused: what === 'refused' ? how : null };
    }
  }
  return blocks;
}

const nothing = { notRun: null, runBy: null, refused: null };
