import type { Media } from '@safelight/contract/media';

/** What somebody knows a record by: the name of generated media is only a number, but they know its prompt. */
export const titleOf = ({ generated, originalFileName, id }: Media): string => generated?.prompt ?? originalFileName ?? id;
