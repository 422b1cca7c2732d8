import { audit } from './audit.ts';
import { backupCommand } from './backup.ts';
import type { Command } from './command.ts';
import { databaseMove } from './database-move.ts';
import { doctor } from './doctor.ts';
import { grantsCreate, grantsDownloads, grantsList, grantsRestore, grantsRevoke, grantsShow, grantsToken } from './grants.ts';
import { init } from './init.ts';
import { jobsCancel } from './jobs-cancel.ts';
import { jobsList } from './jobs-list.ts';
import { jobsRetry } from './jobs-retry.ts';
import { jobsShow } from './jobs-show.ts';
import { keysCreate } from './keys-create.ts';
import { keysList } from './keys-list.ts';
import { keysRevoke } from './keys-revoke.ts';
import { mediaAdopt } from './media-adopt.ts';
import { mediaInspect } from './media-inspect.ts';
import { migrateCommand } from './migrate.ts';
import { policySet } from './policy-set.ts';
import { policyShow } from './policy-show.ts';
import { reprocess } from './reprocess.ts';
import { reset } from './reset.ts';
import { restoreCommand } from './restore.ts';
import { serve } from './serve.ts';
import { start } from './start.ts';
import { storageCheck } from './storage-check.ts';
import { storageMigrate } from './storage-migrate.ts';
import { storageMirror } from './storage-mirror.ts';
import { storageRepair } from './storage-repair.ts';
import { storageSweep } from './storage-sweep.ts';
import { token } from './token.ts';
import {
  webhooksAdd,
  webhooksList,
  webhooksTest,
  webhooksDeliveries,
  webhooksRedeliver,
  webhooksReplay,
  webhooksRotate,
  webhooksEnable,
  webhooksDisable,
  webhooksRemove,
} from './webhooks.ts';
import { webhooksListen } from './webhooks-listen.ts';
import { worker } from './worker.ts';

/** Every command there is, in the order in which help and docs/cli.md show them. */
export const commandGroups: readonly { title: string; commands: readonly Command[] }[] = [
  { title: 'Run', commands: [start, serve, worker] },
  { title: 'Set up', commands: [init, doctor, migrateCommand, token, keysCreate, keysList, keysRevoke] },
  { title: 'Look after media', commands: [mediaInspect, mediaAdopt, reprocess, policyShow, policySet, jobsList, jobsShow, jobsRetry, jobsCancel, audit] },
  { title: 'Look after purchases', commands: [grantsList, grantsShow, grantsCreate, grantsRevoke, grantsRestore, grantsToken, grantsDownloads] },
  {
    title: 'Tell the application',
    commands: [
      webhooksAdd,
      webhooksList,
      webhooksTest,
      webhooksDeliveries,
      webhooksRedeliver,
      webhooksReplay,
      webhooksRotate,
      webhooksEnable,
      webhooksDisable,
      webhooksRemove,
      webhooksListen,
    ],
  },
  {
    title: 'Look after storage',
    commands: [storageCheck, storageRepair, storageMigrate, storageMirror, storageSweep, backupCommand, restoreCommand, databaseMove, reset],
  },
];

export const commands: readonly Command[] = commandGroups.flatMap((group) => group.commands);
