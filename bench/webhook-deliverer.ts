import { webhookContext } from '../packages/server/test/support/webhooks.ts';
import { startWebhooks } from '../packages/server/src/events/webhooks/start-webhooks.ts';
import { openDatabase } from '../packages/server/src/lib/database.ts';
import { lineToPostgres } from '../packages/server/src/lib/notification-line.ts';
import { listenForNotifications } from '../packages/server/src/lib/listen-for-notifications.ts';
import { createLog } from '../packages/server/src/lib/log.ts';

/** The webhook part of a worker, alone in a process. */
const connectionString = process.argv[2] ?? '';
const log = createLog({ level: 'warn' });
const hearing = listenForNotifications({ open: lineToPostgres({ connectionString }), log });
await hearing.ready;
startWebhooks(webhookContext(openDatabase({ connection: connectionString, log })), { hearing });
process.on('disconnect', () => process.exit());
process.send?.('started');
