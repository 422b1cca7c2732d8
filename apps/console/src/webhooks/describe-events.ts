import type { Webhook } from '@safelight/contract/webhooks';

/** What an endpoint hears, in the words of the form in which it is chosen. */
export const describeEvents = (events: Webhook['events']): string => events.map((one) => (one === '*' ? 'everything but progress' : one)).join(', ');
