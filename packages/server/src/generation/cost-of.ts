import type { GenerationPrice } from '@safelight/contract/generation';

import { generatedKinds, type GeneratedKind } from './generated-kinds.ts';
import { field } from './provider-failures.ts';

/** By `provider/model`; only listed prices are ever called a cost. */
export type Prices = { currency: string; models: Readonly<Record<string, GenerationPrice>> };
type Units = { provider: string; model: string; kind: GeneratedKind; /** Pictures, or seconds of video. */ units: number };

export const priceOf = ({ models }: Prices, { provider, model }: Pick<Units, 'provider' | 'model'>): GenerationPrice | undefined =>
  models[`${provider}/${model}`];

/** The expected cost, as far as it is known in advance; null when there is no price per picture or second. */
export function expectedCost(prices: Prices, asked: Units): number | null {
  const price = priceOf(prices, asked);
  const each = price === undefined ? undefined : generatedKinds[asked.kind].priceOfUnit(price);
  return each === undefined ? null : rounded(each * asked.units);
}

/** The actual cost: what was billed per piece, and per token by the provider's count. Null when a price needs a count that is missing. */
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

/** The names of token counts: of OpenAI, of Gemini for pictures (where thoughts are billed as output), of Gemini for videos. */
const inputNames = ['input_tokens', 'promptTokenCount', 'total_input_tokens'];
const outputNames = ['output_tokens', 'candidatesTokenCount', 'thoughtsTokenCount', 'total_output_tokens'];

function tokens(lines: readonly unknown[], names: readonly string[], perMillion: number): number | null {
  const counts = lines.flatMap((line) => names.map((name) => field(line, name))).filter((count) => typeof count === 'number');
  return counts.length === 0 ? null : (counts.reduce((sum, count) => sum + count, 0) / 1e6) * perMillion;
}

const rounded = (amount: number): number => Math.round(amount * 1e6) / 1e6;
