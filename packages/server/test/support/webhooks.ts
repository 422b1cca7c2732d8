import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

import { allowedAddresses } from '../../src/egress/allowed-addresses.ts';
import type { Resolve } from '../../src/egress/guarded-request.ts';
import { startWebhooks, type WebhookOptions } from '../../src/events/webhooks/start-webhooks.ts';
import type { WebhookContext } from '../../src/events/webhooks/webhook-context.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { systemActor } from '../../src/lib/context.ts';
import { lineToPostgres } from '../../src/lib/notification-line.ts';
import { listenForNotifications } from '../../src/lib/listen-for-notifications.ts';
import { createLog } from '../../src/lib/log.ts';
import { createSealing } from '../../src/lib/sealing.ts';
import type { TestDatabase } from './database.ts';

export type Message = { headers: IncomingHttpHeaders; body: string };

/** A clock that the test advances. */
export function turnableClock(): { now(): Date; advance(seconds: number): void } {
  let ahead = 0;
  return { now: () => new Date(Date.now() + ahead), advance: (seconds) => void (ahead += seconds * 1000) };
}

export function webhookContext(
  database: Pick<TestDatabase, 'db'>,
  { loopback = true, resolve, clock = systemClock }: { loopback?: boolean; resolve?: Resolve; clock?: Clock } = {},
): WebhookContext {
  return {
    actor: systemActor,
    log: createLog({ level: 'silent' }),
    signal: new AbortController().signal,
    site: {
      db: database.db,
      clock,
      webhooks: {
        guard: allowedAddresses([], { loopback }),
        sealing: createSealing([{ id: 'k', secret: 'k'.repeat(32) }]),
        ...(resolve === undefined ? {} : { resolve }),
      },
    },
  };
}

/** Deliverers like in a worker; stopped after the test. */
export async function deliverers(database: TestDatabase, ctx: WebhookContext, options: Partial<WebhookOptions> = {}): Promise<void> {
  const hearing = listenForNotifications({ open: lineToPostgres({ connectionString: database.connectionString }), log: ctx.log });
  await hearing.ready;
  const running = startWebhooks(ctx, { hearing, pollMs: 20, ...options });
  onTestFinished(async () => {
    await running.stop();
    await hearing.close();
  });
}

/** An endpoint of the application: stores its requests, and answers as it is told. */
export async function receiver(answer: (response: ServerResponse, message: Message) => void = (response) => response.writeHead(204).end()) {
  const got: Message[] = [];
  const server = http.createServer((request, response) => {
    response.on('error', () => undefined);
    void text(request).then(
      (body) => {
        const message = { headers: request.headers, body };
        got.push(message);
        answer(response, message);
      },
      () => undefined,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}
