import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '../../..');
const read = async (file: string): Promise<string> => await readFile(path.join(root, file), 'utf8');
const documents = async (file: string): Promise<unknown[]> =>
  parseAllDocuments(await read(file), { merge: true }).map((document) => {
    expect(document.errors, file).toEqual([]);
    return document.toJS() as unknown;
  });

const environment = z.record(z.string(), z.unknown());
const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: environment.optional(),
  healthcheck: z.unknown().optional(),
});

/** Variables that Node, the SDKs and PostgreSQL read themselves are not among our settings. */
const others = new Set(['NODE_ENV', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'NODE_COMPILE_CACHE']);
async function expectKnown(names: readonly string[], where: string): Promise<void> {
  const documented = await read('docs/configuration.md');
  expect(
    names.filter((name) => !others.has(name) && !documented.includes(`\`${name}\``)),
    where,
  ).toEqual([]);
}

test('compose.yaml is a server and a worker of one image, with a database, objects and a proxy, and sets nothing that is not a setting', async () => {
  const [compose] = await documents('compose.yaml');
  const { services } = z.object({ services: z.record(z.string(), service) }).parse(compose);
  expect(Object.keys(services)).toEqual(['postgres', 'bucket', 'objects', 'server', 'worker', 'proxy']);
  expect([services['server']?.command, services['worker']?.command]).toEqual([['serve'], ['worker']]);
  expect(services['server']?.image).toBe(services['worker']?.image);
  await expectKnown(Object.keys(services['server']?.environment ?? {}), 'compose.yaml');
});

const container = z.object({
  image: z.string(),
  args: z.array(z.string()),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  securityContext: z.object({ runAsNonRoot: z.literal(true), readOnlyRootFilesystem: z.literal(true), allowPrivilegeEscalation: z.literal(false) }),
  envFrom: z.array(z.unknown()),
  volumeMounts: z.array(z.object({ name: z.string() })),
});
const workload = z.object({
  kind: z.enum(['Job', 'Deployment']),
  spec: z.object({ template: z.object({ spec: z.object({ containers: z.array(container), volumes: z.array(z.object({ name: z.string() })) }) }) }),
});

test('the Kubernetes manifests parse, run nobody as root, probe what they run and mount only volumes that they have', async () => {
  const all = (await documents('deploy/kubernetes/safelight.yaml')).map((document) => z.looseObject({ kind: z.string() }).parse(document));
  expect(all.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Job', 'Deployment', 'Deployment', 'Service', 'PodDisruptionBudget', 'Ingress']);
  const workloads = all.filter(({ kind }) => kind === 'Job' || kind === 'Deployment').map((document) => workload.parse(document));
  expect(workloads.map(({ spec }) => spec.template.spec.containers[0]?.args)).toEqual([['migrate'], ['serve'], ['worker']]);
  for (const { kind, spec } of workloads) {
    const { containers, volumes } = spec.template.spec;
    for (const { volumeMounts, livenessProbe } of containers) {
      expect(volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
      expect(livenessProbe !== undefined).toBe(kind === 'Deployment');
    }
  }
  const { data } = z.object({ data: environment }).parse(all[0]);
  await expectKnown(Object.keys(data), 'safelight.yaml');
});

test('the image is built from every workspace in the lock file', async () => {
  const dockerfile = await read('Dockerfile');
  const { workspaces } = z.object({ workspaces: z.array(z.string()) }).parse(JSON.parse(await read('package.json')));
  const manifests = globSync(
    workspaces.map((workspace) => `${workspace}/package.json`),
    { cwd: root },
  );
  expect(manifests.length).toBeGreaterThan(3);
  expect(manifests.filter((manifest) => !dockerfile.includes(`COPY ${manifest} ${path.dirname(manifest)}/`))).toEqual([]);
});

test('image and units start existing commands with existing settings', async () => {
  const dockerfile = await read('Dockerfile');
  expect(dockerfile).toMatch(/^USER 10001/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK/m);
  const set = /^ENV ((?:.+\\\n)*.+)$/m.exec(dockerfile)?.[1] ?? '';
  await expectKnown(
    [...set.matchAll(/(\w+)=/g)].map(([, name]) => name ?? ''),
    'Dockerfile',
  );
  for (const [unit, command] of [
    ['safelight-server@.service', 'serve'],
    ['safelight-worker@.service', 'worker'],
    ['safelight-backup.service', 'backup'],
  ] as const) {
    const text = await read(`deploy/systemd/${unit}`);
    expect(text).toMatch(new RegExp(`^ExecStart=.*safelight\\.mjs ${command}\\b`, 'm'));
    await expectKnown(
      [...text.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) => [...(line ?? '').matchAll(/(\w+)=/g)].map(([, name]) => name ?? '')),
      unit,
    );
  }
});

const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  concurrency: z.strictObject({ group: z.string().regex(/\$\{\{ github\.ref \}\}/), 'cancel-in-progress': z.boolean() }).optional(),
  jobs: z.record(z.string(), z.object({ 'runs-on': z.string(), 'timeout-minutes': z.number(), steps: z.array(z.object({ run: z.string().optional() })) })),
});

test('the workflows of CI and release are well formed, and run only scripts that exist', async () => {
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(await read('package.json')));
  for (const file of globSync('.github/workflows/*.yml', { cwd: root })) {
    const [parsed] = await documents(file);
    for (const { steps } of Object.values(workflow.parse(parsed, { error: () => file }).jobs))
      for (const { run = '' } of steps)
        for (const [, script = ''] of run.matchAll(/npm (?:run )?([\w:]+)/g)) expect([...Object.keys(scripts), 'ci'], file).toContain(script);
  }
});
