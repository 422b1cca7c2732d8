type Token = { content: string };
type Render = (tokens: Token[], index: number, ...rest: unknown[]) => string;
type Markdown = { renderer: { rules: { html_block?: Render } } };

/** Shows on the site what a page says in comments before its blocks: which suite runs them, or why none does. */
export function showMarks(md: Markdown): void {
  const before = md.renderer.rules.html_block;
  md.renderer.rules.html_block = (tokens, index, ...rest) => {
    const [, what = '', how = ''] = /^<!-- (not run|run by):? (.+) -->\s*$/.exec(tokens[index]?.content ?? '') ?? [];
    if (what === '') return before?.(tokens, index, ...rest) ?? '';
    const text = what === 'run by' ? `Run by ${how}` : `Shown, not run by the tests: ${how}`;
    return `<p class="block-mark">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>\n`;
  };
}
