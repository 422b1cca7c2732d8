/** A fenced block of a page: what stands in it, where, and why it is not run where a comment before it says so. */
export type Block = { language: string; text: string; line: number; notRun: string | null };

/** The fenced blocks of a page, in order. `<!-- not run: reason -->` in front of one says that it is shown only. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  let notRun: string | null = null;
  // Of a block within a list.
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
      open = { language: fence[2] ?? '', text: '', line: index + 1, notRun };
      notRun = null;
    } else if (line.trim() !== '') notRun = /^<!-- not run: (.+) -->$/.exec(line.trim())?.[1] ?? null;
  }
  return blocks;
}
