import { Counter, Histogram, type Registry } from 'prom-client';

import type { EndedGeneration } from '../generation/generation-context.ts';

/** Counts requests to each model and their outcomes. Models come from the configuration, so there are few labels. */
export function countGenerations(registry: Registry): (ended: EndedGeneration) => void {
  const registers = [registry];
  const ends = new Counter({
    name: 'safelight_generations_total',
    help: 'Generations that ended in this process, by outcome.',
    labelNames: ['provider', 'model', 'outcome'],
    registers,
  });
  const outputs = new Counter({
    name: 'safelight_generation_outputs_total',
    help: 'Requested pictures and videos, by outcome: stored, or the code of the failure.',
    labelNames: ['provider', 'model', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'safelight_generation_seconds',
    help: 'Time from the request to its end, including waiting.',
    labelNames: ['provider', 'model'],
    buckets: [1, 5, 10, 20, 40, 60, 120, 300, 900, 3600],
    registers,
  });
  const costs = new Counter({
    name: 'safelight_generation_cost_total',
    help: 'The cost by the configured prices.',
    labelNames: ['provider', 'model', 'currency'],
    registers,
  });
  return ({ provider, model, outcome, outputs: counts, seconds: took, cost }) => {
    ends.inc({ provider, model, outcome });
    for (const [code, count] of Object.entries(counts)) outputs.inc({ provider, model, outcome: code }, count);
    seconds.observe({ provider, model }, took);
    if (cost !== null) costs.inc({ provider, model, currency: cost.currency }, cost.amount);
  };
}
