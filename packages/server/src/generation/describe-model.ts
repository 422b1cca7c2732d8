import type { GeneratedKind } from './generated-kinds.ts';
import type { Abilities, MadeModel } from './generator.ts';

/** A model that makes one kind of media, as its provider describes it. */
export const describeModel = (provider: MadeModel['provider'], model: string, kind: GeneratedKind, abilities: Abilities): MadeModel => ({
  provider,
  model,
  kinds: [kind],
  ...abilities,
  available: true,
  reason: null,
});
