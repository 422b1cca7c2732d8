/** Indents declarations by tabs: a compiler writes four spaces a level, which is every sixteenth byte that an editor reads. */
export const tabbed = (declarations: string): string => declarations.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
