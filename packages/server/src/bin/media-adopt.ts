import { systemActor } from '../lib/context.ts';
import { defineCommand, UsageError } from './command.ts';
import { refuseForgetfulStores } from './storage-check.ts';

export const mediaAdopt = defineCommand({
  name: 'media adopt',
  summary: 'Make an object of an older application a media, by the URL that its provider gave it.',
  details:
    'The bytes are not copied and stay where they are; the record names them, and a worker processes them like any upload. From then on they are Safelight’s: in a collection that does not keep sources the object goes once it is processed, and it goes with its media.\nThe store has to be configured: as the active one or in additionalStores.',
  options: {
    url: { type: 'string', value: 'url', purpose: 'Virtual-host, path-style, CDN or signed URL; its query does not matter.' },
    collection: { type: 'string', value: 'name', purpose: 'Where it belongs.' },
    owner: { type: 'string', value: 'id', purpose: 'Whose it is.' },
    entity: { type: 'string', value: 'type/id', purpose: 'What it belongs to, like artist/42.' },
    purpose: { type: 'string', value: 'purpose', purpose: 'The first of the collection by default.' },
    alt: { type: 'string', value: 'text', purpose: 'What it shows.' },
  },
  examples: [
    {
      args: 'media adopt --url https://old.s3.amazonaws.com/uploads/1.jpg --collection artist.images --entity artist/42 --owner ada',
      purpose: 'One picture of an old bucket.',
    },
  ],
  async run(call) {
    const { url, collection, owner, entity, purpose, alt } = call.options;
    if (url === undefined || collection === undefined || owner === undefined) throw new UsageError('Say --url, --collection and --owner.');
    const [entityType, entityId, more] = entity?.split('/') ?? [];
    if (entity !== undefined && (!entityType || !entityId || more !== undefined))
      throw new UsageError(`--entity is "${entity}"; wanted: type/id, like artist/42.`);
    const [{ withData, baseURLOf }, { adoptObject }, { openSigning }] = await Promise.all([
      import('./with-data.ts'),
      import('../uploads/adopt-object.ts'),
      import('../lib/signing.ts'),
    ]);
    return await withData(call, async (data) => {
      refuseForgetfulStores(data);
      const { config } = data;
      const ctx = {
        ...data,
        purgesCdn: config.cdnPurge !== null,
        // The owner's, with the rights of the operator who runs this.
        actor: { ...systemActor, id: owner },
        ceilings: config.ceilings,
        uploadExpirySeconds: config.uploadExpirySeconds,
        // The worker scans what it is about to process.
        scan: null,
        unavailableTypes: [],
        signing: openSigning(config.signingKeys),
        baseURL: baseURLOf(config),
      };
      const destination = {
        collection,
        ...(entityType === undefined || entityId === undefined ? {} : { entityType, entityId }),
        ...(purpose === undefined ? {} : { purpose }),
        ...(alt === undefined ? {} : { altText: alt }),
      };
      const { jobId, media } = await adoptObject(ctx, { url, destination });
      return {
        data: { jobId, media },
        text: `${media.id} is registered and waits to be processed (job ${jobId}). Look with: safelight media inspect ${media.id}`,
      };
    });
  },
});
