import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { readBlocks, type Block } from './read-blocks.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** Every page for readers. Decisions are history, and have no blocks. */
export const pages = globSync(
  ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'docs/**/*.md', '{packages,apps,examples}/*/README.md', 'examples/README.md'],
  {
    cwd: root,
    exclude: ['**/node_modules/**'],
  },
).toSorted();

/**
 * Generated from the table of commands, whose own parser reads each of its examples (parse-call.test.ts); most are also run
 * (commands.documents.test.ts).
 */
export const commandReference = 'docs/cli.md';

export const blocksOf = (page: string): Block[] => readBlocks(readFileSync(path.join(root, page), 'utf8'));

/** Commands of the checkout, which CI runs unchanged. */
export const isOfCheckout = ({ text }: Block): boolean =>
  text.split('\n').every((line) => line === '' || line.startsWith('#') || /^(?:\w+=\S+ )*npm /.test(line));

/** Languages that the reader's shell runs against a product that is started for it. */
export const commandsOf = (page: string): Block[] =>
  blocksOf(page).filter((block) => block.language === 'sh' && block.notRun === null && block.runBy === null && !isOfCheckout(block));

/** Languages that are compiled. */
export const isSource = ({ language, notRun, runBy }: Block): boolean => ['ts', 'tsx', 'js'].includes(language) && notRun === null && runBy === null;
