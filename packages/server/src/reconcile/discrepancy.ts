import type * as contract from '@safelight/contract/discrepancies';

import type { Provider } from '../storage/locator.ts';

/** One thing on which the ledger and a store disagree; its classes are told in the contract. */
export type Discrepancy = contract.Discrepancy & { provider: Provider };
