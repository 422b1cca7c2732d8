import type { GenerationPrice } from '@safelight/contract/generation';

import { generatedKinds, type GeneratedKind } from './generated-kinds.ts';
import { field } from './provider-failures.ts';

/** By `provider/model`; only what stands here is ever called a cost. */
export type Prices = { currency: string; models: Readonly<Record<string, GenerationPrice>> };
type Units = { provider: string; model: string; kind: GeneratedKind; /** Pictures, or seconds of video. */ units: number };

export const priceOf = ({ models }: Prices, { provider, model }: Pick<Units, 'provider' | 'model'>): GenerationPrice | undefined =>
  models[`${provider}/${model}`];

/** What that many will cost, as far as it is known before it is made; null where nobody named a price for pictures or seconds. */
export function expectedCost(prices: Prices, asked: Units): number | null {
  const price = priceOf(prices, asked);
  const each = price === undefined ? undefined : generatedKinds[asked.kind].priceOfUnit(price);
  return each === undefined ? null : rounded(each * asked.units);
}

/**
 * What it came to: what was billed by the piece, and by the tokens that the provider counted. Null where a price is named that needs a
 * count which nobody gave.
 */
export function costOf(prices: Prices, made: Units & { usage: unknown }): number | null {
  const price = priceOf(prices, made);
  if (price === undefined) return null;
  if (made.units === 0) return 0;
  const lines: unknown[] = Array.isArray(made.usage) ? made.usage : [];
  const each = generatedKinds[made.kind].priceOfUnit(price);
  const parts = [
    each === undefined ? [] : [each * made.units],
    price.perMillionInputTokens === undefined ? [] : [tokens(lines, inputNames, price.perMillionInputTokens)],
    price.perMillionOutputTokens === undefined ? [] : [tokens(lines, outputNames, price.perMillionOutputTokens)],
  ].flat();
  if (parts.length === 0 || parts.some((part) => part === null)) return null;
  return rounded(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0));
}

/** What tokens are called: by OpenAI, by Gemini for pictures (where thoughts are billed as output), by Gemini for videos. */
const inputNames = ['input_tokens', 'promptTokenCount', 'total_input_tokens'];
const outputNames = ['output_tokens', 'candidatesTokenCount', 'thoughtsTokenCount', 'total_output_tokens'];

function tokens(lines: readonly unknown[], names: readonly string[], perMillion: number): number | null {
  const counts = lines.flatMap((line) => names.map((name) => field(line, name))).filter((count) => typeof count === 'number');
  return counts.length === 0 ? null : (counts.reduce((sum, count) => sum + count, 0) / 1e6) * perMillion;
}

const rounded = (amount: number): number => Math.round(amount * 1e6) / 1e6;
