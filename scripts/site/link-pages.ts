import { existsSync } from 'node:fs';
import path from 'node:path';

import { addressOf } from './pages.ts';

type Token = {
  type: string;
  children: Token[] | null;
  attrGet: (name: string) => string | null;
  attrSet: (name: string, value: string) => void;
  tag: string;
  attrs: [string, string][] | null;
};
type Markdown = { core: { ruler: { push: (name: string, rule: (state: { tokens: Token[]; env: { path: string; realPath?: string } }) => void) => void } } };

/**
 * Pages link to each other, and into the code, as files of the checkout. On the site the former become URLs of pages, and the latter plain text,
 * because the site is read without the code. A broken link is left as it is, and the build fails on it.
 */
export function linkPages(md: Markdown, root: string): void {
  md.core.ruler.push('link-pages', ({ tokens, env }) => {
    const page = env.realPath ?? env.path;
    for (const token of tokens) {
      const open: Token[] = [];
      for (const child of token.children ?? []) {
        if (child.type === 'link_open') open.push(child);
        if (child.type === 'link_close') {
          const link = open.pop();
          const target = link && targetOf(root, page, link.attrGet('href') ?? '');
          if (link && target) follow(link, child, target);
        }
      }
    }
  });
}

type Target = { page: string } | { file: string };

function follow(link: Token, close: Token, target: Target): void {
  if ('page' in target) return link.attrSet('href', target.page);
  // Another type, so that it is rendered like any element.
  Object.assign(link, {
    type: 'source_open',
    tag: 'span',
    attrs: [
      ['class', 'source'],
      ['title', `${target.file}, in the source`],
    ],
  });
  Object.assign(close, { type: 'source_close', tag: 'span' });
}

function targetOf(root: string, page: string, href: string): Target | null {
  if (/^(?:[a-z]+:|\/|#|$)/.test(href)) return null;
  const [file = '', hash] = href.split('#');
  const full = path.resolve(path.dirname(page), decodeURI(file));
  const name = path.relative(root, full);
  const asPage = [name, `${name}/README.md`]
    .map((one) => (existsSync(path.join(root, one)) ? (homes[one] ?? addressOf(one)) : null))
    .find((one) => one !== null);
  if (asPage !== undefined) return { page: `/${asPage.replace(/(^|\/)index\.md$/, '$1')}${hash === undefined ? '' : `#${hash}`}` };
  return existsSync(full) ? { file: name } : null;
}

/** The page that the site's start page replaces. */
const homes: Record<string, string> = { 'README.md': 'index.md', 'docs/README.md': 'index.md' };
