import type { Kind } from '../lib/schema.ts';
import { withLocalFile } from '../storage/with-local-file.ts';
import type { Locator } from '../storage/locator.ts';
import { kinds, type KindRow } from './kinds.ts';
import { listContents } from './list-contents.ts';
import { leftAsItIs, makeCover, remakeCover } from './make-cover.ts';
import type { Made, MakeInput, Remade, RemakeInput } from './made.ts';
import type { ProcessingContext } from './processing-context.ts';

/** Makes the outputs of an object: from a local copy or, for an archive, which may be large, from the needed parts only. */
export async function makeFrom(ctx: ProcessingContext, kind: Kind, locator: Locator, input: Omit<MakeInput, 'file'>): Promise<Made | null> {
  const rules: KindRow = kinds[kind];
  if (rules.isReadInPlace?.(input.collection, input.mimeType) !== true)
    return await withLocalFile(ctx.site.stores, locator, ctx.signal, (file) => rules.make(ctx, { ...input, file }));
  const listed = await listContents(ctx, locator, input.collection, (file) => makeCover(ctx, { ...input, file }));
  if (listed === null) return null;
  return { artifacts: [], focalPoint: null, ...listed.drawn, columns: { ...listed.drawn?.columns, ...listed.columns } };
}

/** Remakes them in the same way. */
export async function remakeFrom(ctx: ProcessingContext, kind: Kind, locator: Locator, input: Omit<RemakeInput, 'file'>): Promise<Remade> {
  const rules: KindRow = kinds[kind];
  if (rules.isReadInPlace?.(input.collection, input.mimeType) !== true)
    return await withLocalFile(ctx.site.stores, locator, ctx.signal, (file) => rules.remake(ctx, { ...input, file }));
  const listed = await listContents(ctx, locator, input.collection, (file) => remakeCover(ctx, { ...input, file }));
  const drawn = listed?.drawn ?? leftAsItIs(input);
  return { ...drawn, columns: { ...drawn.columns, ...listed?.columns } };
}
