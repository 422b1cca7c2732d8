import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { SignJWT } from 'jose';
import type { TestProject } from 'vitest/node';

import { storeName } from '../../../src/storage/locator.ts';
import { providerKinds, startProvider } from '../../support/provider.ts';
import { startProduct, type Product } from '../../support/product.ts';
import { startReviewerStub } from './reviewer-stub.ts';
import { freePort } from '../../support/free-port.ts';
import { startTcpPostgres } from '../../support/tcp-postgres.ts';

/** All that the suite knows of the product: its URL and how to sign in. Everything else it finds out like any client. */
export type Target = {
  /** The servers of one product; requests go to them in turn. */
  urls: string[];
  /** A token that may do everything. */
  token: string;
  /** Signs tokens of further users; null if the target keeps its secret, and tests that need it are skipped. */
  jwtSecret: string | null;
  /** Signs upload URLs, to create an expired one; null as above. */
  signingSecret: string | null;
  /** The application's review service, which the product asks if a policy names `webhook`; null if there is none. */
  reviewer: { url: string; secret: string } | null;
  /** How an operator runs commands beside the product, and between which stores objects can be moved; null if nobody can. */
  operator: { env: Record<string, string>; from: string; to: string } | null;
};

declare module 'vitest' {
  interface ProvidedContext {
    acceptanceTarget: Target;
  }
}

/**
 * The target of the acceptance suite:
 * - SAFELIGHT_ACCEPTANCE_URL (several with commas) with SAFELIGHT_ACCEPTANCE_TOKEN: a product that runs already;
 * - SAFELIGHT_ACCEPTANCE_TARGET=cluster: two servers and two workers on a Postgres of their own, started here;
 * - otherwise what `npm start` runs, started here;
 * - SAFELIGHT_ACCEPTANCE_STORAGE=s3, azure, gcs or mocked, with either of the last two: on that provider's counterpart instead of files.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const {
    SAFELIGHT_ACCEPTANCE_URL: url,
    SAFELIGHT_ACCEPTANCE_TOKEN: token,
    SAFELIGHT_ACCEPTANCE_JWT_SECRET: jwtSecret,
    SAFELIGHT_ACCEPTANCE_TARGET: kind,
    SAFELIGHT_ACCEPTANCE_STORAGE: storage,
  } = process.env;
  if (url !== undefined) {
    if (token === undefined) throw new Error('SAFELIGHT_ACCEPTANCE_URL needs SAFELIGHT_ACCEPTANCE_TOKEN besides: a token with the scope media:admin.');
    project.provide('acceptanceTarget', {
      urls: url.split(',').map((one) => one.replace(/\/$/, '')),
      token,
      jwtSecret: jwtSecret ?? null,
      signingSecret: null,
      reviewer: null,
      operator: null,
    });
    return async () => {};
  }
  const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-acceptance-'));
  const secrets = { jwt: randomBytes(32).toString('hex'), signing: randomBytes(32).toString('hex'), review: `whsec_${randomBytes(32).toString('base64')}` };
  const reviewer = await startReviewerStub();
  const env = {
    SAFELIGHT_CONFIG: path.join(import.meta.dirname, 'safelight.config.ts'),
    SAFELIGHT_JWT_SECRET: secrets.jwt,
    SAFELIGHT_SIGNING_KEYS: `acceptance:${secrets.signing}`,
    SAFELIGHT_REVIEW_WEBHOOK_SECRET: secrets.review,
    ACCEPTANCE_REVIEWER_URL: reviewer.url,
  };
  let operator: Target['operator'] = { env: { ...env, SAFELIGHT_DATA_DIR: dataDir }, from: 'filesystem:objects', to: 'filesystem:archive' };
  const products: Product[] = [];
  const urls: string[] = [];
  const closing: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true }), reviewer.stop];
  let isClosing = false;
  const close = async (): Promise<void> => {
    isClosing = true;
    await Promise.all(products.map((product) => product.stop()));
    for (const end of closing.toReversed()) await end();
  };
  try {
    if (storage !== undefined) {
      const chosen = providerKinds.find((candidate) => candidate === storage);
      if (chosen === undefined) throw new Error(`SAFELIGHT_ACCEPTANCE_STORAGE is "${storage}"; wanted: ${providerKinds.join(', ')}.`);
      const provider = await startProvider(chosen);
      closing.push(provider.stop);
      Object.assign(env, provider.env);
      operator = provider.final === null ? null : { ...operator, env: { ...operator.env, ...provider.env }, from: storeName(provider.final) };
    }
    if (kind === 'cluster') {
      const postgres = await startTcpPostgres();
      closing.push(postgres.close);
      const ports = [await freePort(), await freePort()];
      // All of them use the address of the first in their URLs, as they would use that of a load balancer.
      const shared = { ...env, DATABASE_URL: postgres.url, PUBLIC_URL: `http://127.0.0.1:${ports[0]}` };
      if (operator !== null) Object.assign(operator.env, shared);
      const servers = ports.map((port) => startProduct('serve', { dataDir, env: { ...shared, PORT: String(port) } }));
      const workers = [1, 2].map(() => startProduct('worker', { dataDir, env: shared }));
      products.push(...(await Promise.all([...servers, ...workers])));
      urls.push(...ports.map((port) => `http://127.0.0.1:${port}`));
    } else {
      const product = await startProduct('start', { dataDir, env });
      products.push(product);
      urls.push(product.url);
    }
  } catch (error) {
    await close();
    throw error;
  }
  for (const product of products) {
    void product.exited.then(
      (exit) => isClosing || process.stderr.write(`The target ended in the middle of the suite (${exit.code ?? exit.signal}):\n${product.output()}\n`),
    );
  }
  const admin = await new SignJWT({ scope: 'media:admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('acceptance')
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(secrets.jwt));
  project.provide('acceptanceTarget', {
    urls,
    token: admin,
    jwtSecret: secrets.jwt,
    signingSecret: secrets.signing,
    reviewer: { url: reviewer.url, secret: secrets.review },
    operator,
  });
  return close;
}
