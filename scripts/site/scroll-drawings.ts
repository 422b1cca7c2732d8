type Token = { type: string; children?: Token[] | null; attrGet?: (name: string) => string | null; attrSet?: (name: string, value: string) => void };
type Markdown = { core: { ruler: { push: (name: string, rule: (state: { tokens: Token[] }) => void) => void } } };

/** Makes a drawing scrollable on a phone, where its text would be too small to read; by the keyboard as well. */
export function scrollDrawings(md: Markdown): void {
  md.core.ruler.push('scroll-drawings', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      const [image, ...others] = tokens[index + 1]?.children ?? [];
      if (token.type !== 'paragraph_open' || others.length > 0 || image?.attrGet?.('src')?.endsWith('.svg') !== true) continue;
      token.attrSet?.('class', 'drawing');
      token.attrSet?.('tabindex', '0');
    }
  });
}
