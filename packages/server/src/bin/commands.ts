import type { Command } from './command.ts';

type Load = () => Promise<readonly Command[]>;
export type CommandGroup = { title: string; commands: readonly Command[] };

/**
 * Where every command is, by its first word, in the order of help and docs/cli.md. A call loads only the commands with the same first word: reading
 * all of them took a twentieth of a short command's time.
 */
const groups: readonly { title: string; words: Readonly<Record<string, Load>> }[] = [
  {
    title: 'Run',
    words: {
      start: async () => [(await import('./start.ts')).start],
      serve: async () => [(await import('./serve.ts')).serve],
      worker: async () => [(await import('./worker.ts')).worker],
    },
  },
  {
    title: 'Set up',
    words: {
      init: async () => [(await import('./init.ts')).init],
      doctor: async () => [(await import('./doctor.ts')).doctor],
      migrate: async () => [(await import('./migrate.ts')).migrateCommand],
      console: async () => [(await import('./console.ts')).consoleCommand],
      token: async () => [(await import('./token.ts')).token],
      keys: async () => [
        (await import('./keys-create.ts')).keysCreate,
        (await import('./keys-list.ts')).keysList,
        (await import('./keys-revoke.ts')).keysRevoke,
      ],
    },
  },
  {
    title: 'Look after media',
    words: {
      media: async () => [(await import('./media-inspect.ts')).mediaInspect, (await import('./media-adopt.ts')).mediaAdopt],
      reprocess: async () => [(await import('./reprocess.ts')).reprocess],
      policy: async () => [(await import('./policy-show.ts')).policyShow, (await import('./policy-set.ts')).policySet],
      jobs: async () => [
        (await import('./jobs-list.ts')).jobsList,
        (await import('./jobs-show.ts')).jobsShow,
        (await import('./jobs-retry.ts')).jobsRetry,
        (await import('./jobs-cancel.ts')).jobsCancel,
      ],
      audit: async () => [(await import('./audit.ts')).audit],
    },
  },
  {
    title: 'Look after purchases',
    words: {
      grants: async () => {
        const { grantsList, grantsShow, grantsCreate, grantsRevoke, grantsRestore, grantsToken, grantsDownloads } = await import('./grants.ts');
        return [grantsList, grantsShow, grantsCreate, grantsRevoke, grantsRestore, grantsToken, grantsDownloads];
      },
    },
  },
  {
    title: 'Tell the application',
    words: {
      webhooks: async () => {
        const of = await import('./webhooks.ts');
        const { webhooksListen } = await import('./webhooks-listen.ts');
        return [
          of.webhooksAdd,
          of.webhooksList,
          of.webhooksTest,
          of.webhooksDeliveries,
          of.webhooksRedeliver,
          of.webhooksReplay,
          of.webhooksRotate,
          of.webhooksEnable,
          of.webhooksDisable,
          of.webhooksRemove,
          webhooksListen,
        ];
      },
    },
  },
  {
    title: 'Look after storage',
    words: {
      storage: async () => [
        (await import('./storage-check.ts')).storageCheck,
        (await import('./storage-repair.ts')).storageRepair,
        (await import('./storage-migrate.ts')).storageMigrate,
        (await import('./storage-mirror.ts')).storageMirror,
        (await import('./storage-sweep.ts')).storageSweep,
      ],
      backup: async () => [(await import('./backup.ts')).backupCommand],
      restore: async () => [(await import('./restore.ts')).restoreCommand],
      database: async () => [(await import('./database-move.ts')).databaseMove],
      reset: async () => [(await import('./reset.ts')).reset],
    },
  },
];

/** All commands, for help and for suggestions after a typo. */
export const loadCommandGroups = async (): Promise<readonly CommandGroup[]> =>
  await Promise.all(
    groups.map(async ({ title, words }) => ({ title, commands: (await Promise.all(Object.values(words).map(async (load) => await load()))).flat() })),
  );

export const loadCommands = async (): Promise<readonly Command[]> => (await loadCommandGroups()).flatMap(({ commands }) => commands);

/** The commands with this first word; undefined if there are none. */
export async function loadCommandsOf(word: string): Promise<readonly Command[] | undefined> {
  return await groups.map(({ words }) => (Object.hasOwn(words, word) ? words[word] : undefined)).find((load) => load !== undefined)?.();
}
