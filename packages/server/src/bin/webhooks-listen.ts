import { defineCommand, UsageError } from './command.ts';
import { list, parse, withWebhooks } from './webhooks.ts';

export const webhooksListen = defineCommand({
  name: 'webhooks listen',
  summary: 'Forward events to an address on your machine, until Ctrl-C, while you develop the receiver.',
  details: 'Adds no endpoint and stores nothing. Each message is sent once, signed like one to an endpoint.',
  options: {
    forward: { type: 'string', value: 'url', purpose: 'Where messages are posted.' },
    events: { type: 'string', value: 'names', purpose: 'Separated by commas; * means all but progress, and is the default.' },
    secret: { type: 'string', value: 'secret', purpose: 'The secret that signs the messages; by default a new one, which is shown.' },
  },
  examples: [{ args: 'webhooks listen --forward http://127.0.0.1:3000/hooks/safelight', purpose: 'Then upload something.' }],
  async run(call) {
    const { forward, secret: given } = call.options;
    if (forward === undefined) throw new UsageError('Say where to with --forward, as --forward http://127.0.0.1:3000/hooks/safelight.');
    const [{ webhookCreateSchema }, { isMessageSecret }, { newSecret }, { requireAddress }, { forwardEvents }] = await Promise.all([
      import('@safelight/contract/webhooks'),
      import('../egress/sign-message.ts'),
      import('../events/webhooks/endpoint-secrets.ts'),
      import('../events/webhooks/endpoints.ts'),
      import('../events/webhooks/forward-events.ts'),
    ]);
    if (given !== undefined && !isMessageSecret(given))
      throw new UsageError('--secret is none that verifiers of Standard Webhooks take. Leave it out, and one is made.');
    const secret = given ?? newSecret();
    const { url, events } = parse(webhookCreateSchema, { url: forward, events: list(call.options.events) });
    const count = await withWebhooks(call, async (ctx) => {
      await requireAddress(ctx, url);
      const onListening = (): void => call.terminal.note(`Forwarding to ${url}, signed with ${secret}\nCtrl-C ends it.`);
      let sent = 0;
      for await (const { event, mediaId, outcome } of forwardEvents(ctx, { url, secret, events, onListening })) {
        sent += 1;
        const { status, ms, answer } = outcome;
        call.terminal.note(`${event} ${mediaId ?? ''} → ${status ?? answer} (${ms} ms)`);
      }
      return sent;
    });
    return { data: { forwarded: count }, text: `${count} forwarded.` };
  },
});
