import type { AssetSite } from '../assets/read-media.ts';
import type { StoreSite } from '../storage/stores.ts';
import type { Context } from '../lib/context.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import type { Engines } from './engine/engine.ts';
import type { DecoderPool } from './image/decoder-pool.ts';
import type { Places } from './image/slow-pictures.ts';

/** `encoders`: the places for work on recordings. */
export type ProcessingSite = AssetSite & StoreSite & { ceilings: Ceilings; decoders: DecoderPool; engines: Engines; encoders: Places };
export type ProcessingContext = Context<ProcessingSite>;
