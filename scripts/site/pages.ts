import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The URL of a page of the checkout on the site, or null for pages that are not on it. */
export function addressOf(page: string): string | null {
  const known: Record<string, string> = {
    'site/index.md': 'index.md',
    'examples/README.md': 'examples/index.md',
    'docs/decisions/README.md': 'decisions/index.md',
  };
  const named = known[page] ?? /^(ARCHITECTURE|CONTRIBUTING|CHANGELOG|SECURITY)\.md$/.exec(page)?.[0].toLowerCase();
  if (named !== undefined) return named;
  if (page === 'docs/README.md') return null;
  const [, document] = /^docs\/((?:decisions\/)?[\w-]+\.md)$/.exec(page) ?? [];
  const [, example] = /^examples\/([\w-]+)\/README\.md$/.exec(page) ?? [];
  const [, kit] = /^packages\/(react|client)\/README\.md$/.exec(page) ?? [];
  return document ?? (example && `examples/${example}.md`) ?? (kit && `packages/${kit}.md`) ?? null;
}

/** Every page in Markdown of the checkout, apart from installed and generated ones. */
export const pagesIn = (root: string): string[] =>
  globSync('**/*.md', { cwd: root, exclude: (name) => /^(?:node_modules|dist|data|\.git)$/.test(path.basename(name)) }).toSorted();

export type Section = { text: string; items: { text: string; link: string }[] };

const sections: [title: string, pages: string[]][] = [
  ['Begin', ['start', 'idea', 'first-integration', 'comparison']],
  ['Guides', ['examples/index', 'examples/artist-platform', 'examples/listing-photos', 'examples/creator-shop', 'examples/ai-studio']],
  ['Features', ['uploads', 'phones', 'pictures', 'video', 'documents', 'review', 'delivery', 'generation', 'webhooks', 'lifecycle']],
  ['Operate', ['deploying', 'operating', 'storage', 'monitoring', 'performance']],
  ['Migrate', ['migrating']],
  ['Reference', ['api', 'configuration', 'cli', 'events', 'problems', 'packages/client', 'packages/react']],
  ['Project', ['architecture', 'contributing', 'security', 'changelog', 'licences']],
];

/** The pages in reading order. Pages that are not listed are under "More". */
export function sidebar(root: string): Section[] {
  const titles = new Map(
    pagesIn(root).flatMap((page) => {
      const address = addressOf(page)?.replace(/\.md$/, '');
      return address === undefined || address === 'index' ? [] : [[address, titleOf(root, page)] as const];
    }),
  );
  const item = (address: string) => ({ text: titles.get(address) ?? address, link: `/${address.replace(/(^|\/)index$/, '$1')}` });
  const placed = new Set(sections.flatMap(([, pages]) => pages));
  const decisions = [...titles.keys()].filter((address) => address.startsWith('decisions/'));
  const more = [...titles.keys()].filter((address) => !placed.has(address) && !address.startsWith('decisions/'));
  return [
    ...sections.map(([text, pages]) => ({ text, items: pages.filter((page) => titles.has(page)).map(item) })),
    { text: 'Decisions', items: decisions.map(item) },
    { text: 'More', items: more.map(item) },
  ].filter(({ items }) => items.length > 0);
}

const titleOf = (root: string, page: string): string =>
  (/^# (.+)$/m.exec(readFileSync(path.join(root, page), 'utf8'))?.[1] ?? page).replaceAll('`', '').replace(/: .*$/, '');
