import type { AssetContext } from '../assets/read-media.ts';
import type { Ceilings } from '../policy/collection.ts';
import type { Stores } from '../storage/stores.ts';
import type { Engines } from './engine/engine.ts';
import type { DecoderPool } from './image/decoder-pool.ts';
import type { Places } from './image/slow-pictures.ts';

/** `encoders`: places for work on recordings, so many at once. */
export type ProcessingContext = AssetContext & { stores: Stores; ceilings: Ceilings; decoders: DecoderPool; engines: Engines; encoders: Places };
