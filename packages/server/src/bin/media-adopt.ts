import path from 'node:path';

import type { Media } from '@safelight/contract/media';

import { systemActor } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import type { UploadContext } from '../uploads/upload-context.ts';
import { defineCommand, UsageError, type Answer } from './command.ts';
import type { Wanted } from './read-wanted.ts';
import { refuseForgetfulStores } from './storage-check.ts';
import type { Terminal } from './terminal.ts';

export const mediaAdopt = defineCommand({
  name: 'media adopt',
  summary: 'Register objects of an older application as media, by the URLs from their provider.',
  details:
    'The bytes are not copied; the record points to them, and a worker processes them like any upload. From then on they belong to Safelight: a collection that does not keep sources deletes the object once it is processed, and otherwise it is deleted with its media.\nThe store has to be configured: as the active one or in additionalStores.\nA list has one JSON object in each line, with url, collection, owner, and optionally entity, purpose and alt. Objects that already have a record are skipped, so a list may be given again. Exits with 1 if something failed.',
  options: {
    url: { type: 'string', value: 'url', purpose: 'Virtual-host, path-style, CDN or signed URL; its query does not matter.' },
    collection: { type: 'string', value: 'name', purpose: 'The collection.' },
    owner: { type: 'string', value: 'id', purpose: 'The owner.' },
    entity: { type: 'string', value: 'type/id', purpose: 'The entity, like artist/42.' },
    purpose: { type: 'string', value: 'purpose', purpose: 'The first of the collection by default.' },
    alt: { type: 'string', value: 'text', purpose: 'The alternative text.' },
    list: { type: 'string', value: 'file', purpose: 'A file with many objects, instead of the options above.' },
  },
  examples: [
    {
      args: 'media adopt --url https://old.s3.amazonaws.com/uploads/1.jpg --collection artist.images --entity artist/42 --owner ada',
      purpose: 'One picture of an old bucket.',
    },
    { args: 'media adopt --list pictures.jsonl --json', purpose: 'All files of an older application, with the record of each URL.' },
  ],
  async run(call) {
    const { list, url, collection, owner, entity, purpose, alt } = call.options;
    const one = { url, collection, owner, entity, purpose, alt };
    if (list !== undefined && Object.values(one).some((value) => value !== undefined))
      throw new UsageError('Say --list alone: its lines say what the other options would.');
    if (list === undefined && (one.url === undefined || one.collection === undefined || one.owner === undefined))
      throw new UsageError('Say --url, --collection and --owner, or --list.');
    const { readList, readWanted } = await import('./read-wanted.ts');
    const wanted = list === undefined ? [readWanted(one, 'The options')] : await readList(path.resolve(call.cwd, list));
    const { withData } = await import('./with-data.ts');
    return await withData(call, async (ctx) => {
      refuseForgetfulStores(ctx);
      const [first] = wanted;
      if (list !== undefined || first === undefined) return await adoptAll(ctx, wanted, call.terminal);
      const { jobId, media } = await adoptOne(ctx, first);
      return {
        data: { jobId, media },
        text: `${media.id} is registered and waits to be processed (job ${jobId}). Look with: safelight media inspect ${media.id}`,
      };
    });
  },
});

type Adopting = Omit<UploadContext, 'actor'>;

async function adoptOne(ctx: Adopting, { url, collection, owner, entity, purpose, alt }: Wanted): Promise<{ jobId: string; media: Media }> {
  const { adoptObject } = await import('../uploads/adopt-object.ts');
  const [entityType, entityId] = entity?.split('/') ?? [];
  const destination = {
    collection,
    ...(entityType === undefined || entityId === undefined ? {} : { entityType, entityId }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(alt === undefined ? {} : { altText: alt }),
  };
  // Acts for the owner, with the rights of the operator who runs the command.
  return await adoptObject({ ...ctx, actor: { ...systemActor, id: owner } }, { url, destination });
}

/** One after the other, in the order of the list, which becomes the order in a gallery. A failure does not stop the others. */
async function adoptAll(ctx: Adopting, wanted: readonly Wanted[], terminal: Terminal): Promise<Answer> {
  const results: { url: string; mediaId?: string; already?: true; error?: { code: string; message: string } }[] = [];
  for (const one of wanted) {
    if (ctx.signal.aborted) break;
    try {
      results.push({ url: one.url, mediaId: (await adoptOne(ctx, one)).media.id });
    } catch (error) {
      if (!(error instanceof SafelightError)) throw error;
      if (error.code === 'conflict') results.push({ url: one.url, already: true });
      else {
        terminal.note(`${one.url}: ${error.detail}`);
        results.push({ url: one.url, error: { code: error.code, message: error.detail } });
      }
    }
  }
  const count = (fits: (result: (typeof results)[number]) => boolean): number => results.filter(fits).length;
  const failed = count(({ error }) => error !== undefined);
  return {
    exitCode: failed > 0 || results.length < wanted.length ? 1 : 0,
    data: { results },
    text: `${count(({ mediaId }) => mediaId !== undefined)} registered, ${count(({ already }) => already === true)} known already, ${failed} failed, of ${wanted.length}. Workers process them now.`,
  };
}
