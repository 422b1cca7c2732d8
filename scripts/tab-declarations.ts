/**
 * Shortens declarations, which editors read: tabs, because a compiler writes four spaces a level; no `declare` where `export` says enough; and one
 * `type` for an import of nothing but types.
 */
export const tabbed = (declarations: string): string =>
  declarations
    .replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4))
    .replace(/^export declare /gm, 'export ')
    .replace(
      /^(import|export) (\{ type \w+(?: as \w+)?(?:, type \w+(?: as \w+)?)* \} from )/gm,
      (_all, verb: string, names: string) => `${verb} type ${names.replaceAll(/\btype (?=\w)/g, '')}`,
    );
