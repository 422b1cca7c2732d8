type Token = { type: string; tag: string; content: string };
type Markdown = { core: { ruler: { push: (name: string, rule: (state: { tokens: Token[] }) => void) => void } } };

/** The heading of a column without a name becomes a plain cell, because screen readers would announce an empty heading. */
export function plainTables(md: Markdown): void {
  md.core.ruler.push('plain-tables', ({ tokens }) => {
    for (const [index, inside] of tokens.entries()) {
      const [open, close] = [tokens[index - 1], tokens[index + 1]];
      if (open?.type === 'th_open' && close && inside.content.trim() === '') open.tag = close.tag = 'td';
    }
  });
}
