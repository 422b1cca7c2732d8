/** Why an example of the command line is only parsed; one that is not here is run (commands.documents.test.ts). By the whole example, or by its command with "…" for all of its examples. */
const reasons: Record<string, string> = {
  'start …': 'it runs until it is stopped; deploying.md has it run',
  'serve …': 'it runs until it is stopped; deploying.md has it run',
  'worker …': 'it runs until it is stopped; deploying.md has it run',
  'webhooks listen …': 'it runs until it is stopped; webhooks.md has it run',
  doctor: 'it takes seconds; operating.md has it run, and its other forms are run here',
  'console --open --scope media:review --sub kim': 'it opens a browser',
  'jobs retry …': 'no job has failed',
  'media adopt …': 'needs a bucket of before; migrating.md has it run',
  'audit --media 0193a1b2-… --json': 'needs an id that the product gave',
  'grants create order-1042 --media 01993a3e-…,01993a40-… --buyer ada --max-downloads 5': 'needs ids that the product gave; delivery.md makes one over HTTP',
  'grants revoke order-1042 --media 01993a3e-…': 'needs an id that the product gave',
  'webhooks test …': 'needs an id that the product gave',
  'webhooks deliveries …': 'needs an id that the product gave',
  'webhooks redeliver …': 'needs an id that the product gave',
  'webhooks replay …': 'needs an id that the product gave',
  'webhooks rotate …': 'needs an id that the product gave',
  'webhooks enable …': 'needs an id that the product gave',
  'webhooks disable …': 'needs an id that the product gave',
  'webhooks remove …': 'needs an id that the product gave',
  'storage migrate …': 'needs two stores; deploying.md has it run',
  'backup …': 'it writes to a folder of the machine; deploying.md has it run',
  'restore …': 'needs a backup and an empty installation; deploying.md has it described',
  'database move …': 'needs a second database; deploying.md has it run',
  'reset …': 'it removes everything',
};

export const whyNotRun = (command: string, args: string): string | null => reasons[args] ?? reasons[`${command} …`] ?? null;
