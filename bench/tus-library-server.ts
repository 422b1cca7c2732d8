/** The common tus server library with its file store, set up as in its documentation: in a separate process, on the files of a directory. */
import type { AddressInfo } from 'node:net';

import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const [directory = '.'] = process.argv.slice(2);
const server = new Server({ path: '/files', datastore: new FileStore({ directory }) });
const listening = server.listen({ host: '127.0.0.1', port: 0 }, () => process.send?.((listening.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
