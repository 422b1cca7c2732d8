type Rule = (...given: unknown[]) => string;
type Markdown = { renderer: { rules: { text: Rule; code_inline: Rule } } };

/** Two braces in a sentence stay two braces: the site generator would evaluate the text between them. */
export function bracesAsWritten({ renderer: { rules } }: Markdown): void {
  const { text, code_inline } = rules;
  rules.text = (...given) => text(...given).replaceAll('{{', '&#123;&#123;');
  rules.code_inline = (...given) => code_inline(...given).replaceAll('{{', '&#123;&#123;');
}
