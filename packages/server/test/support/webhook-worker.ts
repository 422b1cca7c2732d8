import { openDatabase } from '../../src/lib/database.ts';
import { lineToPostgres } from '../../src/lib/notification-line.ts';
import { listenForNotifications } from '../../src/lib/listen-for-notifications.ts';
import { createLog } from '../../src/lib/log.ts';
import { startWebhooks } from '../../src/events/webhooks/start-webhooks.ts';
import { webhookContext } from './webhooks.ts';

/** A process that follows the outbox and delivers, for tests that kill it. */
const connectionString = process.argv[2] ?? '';
const log = createLog({ level: 'silent' });
const { db } = openDatabase({ connection: connectionString, log, max: 4 });
startWebhooks(webhookContext({ db }), { hearing: listenForNotifications({ open: lineToPostgres({ connectionString }), log }), pollMs: 20 });
process.on('disconnect', () => process.exit());
process.send?.('started');
