import { expect, test } from 'vitest';

import { testDatabase } from './support/database.ts';
import { startProduct } from './support/product.ts';
import { freePort } from './support/free-port.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const { connectionString } = await testDatabase();
const token = 'scraper-of-the-operator';

async function scrape(url: string, authorization?: string): Promise<{ status: number; text: string; type: string | null; asks: string | null }> {
  const response = await fetch(url, { headers: authorization === undefined ? {} : { authorization } });
  return {
    status: response.status,
    text: await response.text(),
    type: response.headers.get('content-type'),
    asks: response.headers.get('www-authenticate'),
  };
}

test('metrics can require a token', async () => {
  const product = await startProduct('serve', {
    dataDir: await temporaryDirectory(),
    env: { DATABASE_URL: connectionString, SAFELIGHT_METRICS_TOKEN: token },
  });
  for (const wrong of [undefined, 'Bearer another-token-that-is-wrong', `Basic ${token}`, `Bearer ${token}x`]) {
    const refused = await scrape(`${product.url}/metrics`, wrong);
    expect(refused).toMatchObject({ status: 401, type: 'application/problem+json', asks: 'Bearer realm="safelight metrics"' });
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'unauthenticated', status: 401 });
  }
  const scraped = await scrape(`${product.url}/metrics`, `Bearer ${token}`);
  expect({ status: scraped.status, text: scraped.text }).toEqual({ status: 200, text: expect.stringContaining('safelight_http_request_seconds') });
  await product.stop();
});

test('metrics can have an address of their own, also on workers, and are then nowhere else', async () => {
  const ports = [await freePort(), await freePort()];
  const [server, worker] = await Promise.all(
    (['serve', 'worker'] as const).map(async (command, index) =>
      startProduct(command, {
        dataDir: await temporaryDirectory(),
        env: { DATABASE_URL: connectionString, SAFELIGHT_METRICS_LISTEN: `127.0.0.1:${ports[index]}` },
      }),
    ),
  );
  expect((await scrape(`${server?.url}/metrics`)).status).toBe(404);
  for (const port of ports) {
    const scraped = await scrape(`http://127.0.0.1:${port}/metrics`);
    expect({ status: scraped.status, type: scraped.type }).toEqual({ status: 200, type: expect.stringMatching(/^text\/plain; version=0\.0\.4/) });
    expect(scraped.text).toContain('safelight_jobs_running 0');
    expect(scraped.text.includes('safelight_webhook_attempts_total{outcome="disabled"} 0')).toBe(port === ports[1]);
    expect((await scrape(`http://127.0.0.1:${port}/v1/media`)).status).toBe(404);
  }
  expect((await server?.stop())?.code).toBe(0);
  expect((await worker?.stop())?.code).toBe(0);
});
