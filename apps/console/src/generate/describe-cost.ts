import type { GenerationCost, GenerationModel } from '@safelight/contract/generation';

export function describeCost({ amount, currency }: GenerationCost): string {
  return amount.toLocaleString([], { style: 'currency', currency, minimumFractionDigits: 2, maximumFractionDigits: 4 });
}

/** What a request will cost, as far as that can be known before; null where the site names no price. */
export function describePrice({ price }: GenerationModel, units: number): string | null {
  if (price === null) return null;
  const { currency, perImage, perSecond, perMillionInputTokens, perMillionOutputTokens } = price;
  const each = perImage ?? perSecond;
  const tokens = perMillionInputTokens !== undefined || perMillionOutputTokens !== undefined;
  if (each === undefined) return tokens ? 'priced by what the provider counts' : null;
  return `about ${describeCost({ amount: each * units, currency })}${tokens ? ' and what the provider counts' : ''}`;
}
