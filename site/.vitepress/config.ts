import { fileURLToPath } from 'node:url';

import { bracesAsWritten } from '../../scripts/site/braces-as-written.ts';
import { linkPages } from '../../scripts/site/link-pages.ts';
import { addressOf, pagesIn, sidebar } from '../../scripts/site/pages.ts';
import { plainTables } from '../../scripts/site/plain-tables.ts';
import { scrollDrawings } from '../../scripts/site/scroll-drawings.ts';
import { showDiagrams } from '../../scripts/site/show-diagrams.ts';
import { showMarks } from '../../scripts/site/show-marks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const mark =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='%23c5392b'/><circle cx='8' cy='8' r='2.5' fill='white'/></svg>";

type Resolving = { resolve: (id: string, from: string, options: object) => Promise<unknown> };

/** Pages are outside of the folder in which the generator is installed, but are compiled to modules that import it. */
const resolveFromHere = {
  name: 'resolve-from-here',
  enforce: 'pre',
  resolveId(this: Resolving, id: string, importer: string | undefined, options: { ssr?: boolean }) {
    if (!/^vue(?:\/|$)/.test(id)) return null;
    // The page-writing code is next to the installed packages, and finds them there.
    if (options.ssr) return { id, external: true };
    return importer?.endsWith('.md') ? this.resolve(id, import.meta.filename, { ...options, skipSelf: true }) : null;
  },
};

/** Like GitHub's names of headings, so that a link to one works in both places. */
const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** Pages stay where they are in the checkout, with their links; only their URLs are shorter. Nothing comes from another host. */
export default {
  srcDir: '..',
  srcExclude: pagesIn(root).filter((page) => addressOf(page) === null),
  rewrites: (page: string) => addressOf(page) ?? page,
  outDir: 'dist',
  cacheDir: './node_modules/.cache/vitepress',
  lang: 'en',
  title: 'Safelight',
  description: 'The media back end in TypeScript: uploads, processing, review, replacement and private delivery on Postgres and a bucket.',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${mark}` }]],
  // URLs of a program that the reader is to start.
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: slugOf },
    config(
      md: Parameters<typeof bracesAsWritten>[0] &
        Parameters<typeof linkPages>[0] &
        Parameters<typeof scrollDrawings>[0] &
        Parameters<typeof showDiagrams>[0] &
        Parameters<typeof showMarks>[0] &
        Parameters<typeof plainTables>[0],
    ) {
      linkPages(md, root);
      showDiagrams(md);
      showMarks(md);
      scrollDrawings(md);
      plainTables(md);
      bracesAsWritten(md);
    },
  },
  // Six products side by side need the room that the list of headings would take.
  transformPageData: ({ relativePath, frontmatter }: { relativePath: string; frontmatter: Record<string, unknown> }) =>
    relativePath === 'comparison.md' ? { frontmatter: { ...frontmatter, aside: false } } : undefined,
  vite: { plugins: [resolveFromHere] },
  // Until the theme's script runs, which does the same (theme/index.ts).
  transformHtml: (html: string) => (html.includes('<main') ? html : html.replace('<div class="VPContent', '<div role="main" class="VPContent')),
  themeConfig: {
    notFound: {
      title: 'There is no such page',
      quote: 'It may have moved: search for it, or begin at the start page.',
      linkText: 'To the start page',
      linkLabel: 'To the start page',
    },
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: sidebar(root),
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'The idea', link: '/idea' },
      { text: 'Guides', link: '/examples/' },
      { text: 'Reference', link: '/api' },
    ],
  },
};
