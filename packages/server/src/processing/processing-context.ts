import type { AssetContext } from '../assets/read-media.ts';
import type { Ceilings } from '../policy/collection.ts';
import type { Stores } from '../storage/stores.ts';
import type { DecoderPool } from './image/decoder-pool.ts';

export type ProcessingContext = AssetContext & { stores: Stores; ceilings: Ceilings; decoders: DecoderPool };
