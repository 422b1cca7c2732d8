import type { Media } from '@safelight/contract/media';

/** Of a prompt: as much as a heading or a message has room for. The record shows all of it. */
const mostLetters = 120;

export type Titled = Pick<Media, 'id' | 'originalFileName'> & Partial<Pick<Media, 'generated'>>;

/** What somebody knows a record by: the name of generated media is only a number, but they know its prompt. */
export const titleOf = ({ generated, originalFileName, id }: Titled): string => (generated?.prompt ? shorten(generated.prompt) : (originalFileName ?? id));

const shorten = (prompt: string): string => (prompt.length > mostLetters ? `${prompt.slice(0, mostLetters).trimEnd()}…` : prompt);
