import type { Kind } from '../lib/schema.ts';
import { withLocalFile } from '../storage/local-copy.ts';
import type { Locator } from '../storage/locator.ts';
import { kinds, type KindRow } from './kinds.ts';
import { listContents } from './list-contents.ts';
import type { Made, MakeInput } from './made.ts';
import type { ProcessingContext } from './processing-context.ts';

/** Makes the outputs of an object: from a local copy or, for an archive, which may be large, from the needed parts only. */
export async function makeFrom(ctx: ProcessingContext, kind: Kind, locator: Locator, input: Omit<MakeInput, 'file'>): Promise<Made | null> {
  const rules: KindRow = kinds[kind];
  if (rules.isReadInPlace?.(input.collection, input.mimeType) === true) return await listContents(ctx, locator, input);
  return await withLocalFile(ctx.site.stores, locator, ctx.signal, (file) => rules.make(ctx, { ...input, file }));
}
