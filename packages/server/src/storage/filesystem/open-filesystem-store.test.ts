import { storeConformance } from '../store-conformance.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { openFilesystemStore } from './open-filesystem-store.ts';

storeConformance('the filesystem store', async () => openFilesystemStore({ provider: 'filesystem', location: 'main', root: await temporaryDirectory() }));
