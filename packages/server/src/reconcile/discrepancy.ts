import type * as contract from '@safelight/contract/discrepancies';

import type { Provider } from '../storage/locator.ts';

/** One difference between the ledger and a store; the contract describes its classes. */
export type Discrepancy = contract.Discrepancy & { provider: Provider };
