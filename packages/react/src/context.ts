'use client';
import type { Client } from '@safelight/client';
import { createContext } from 'react';

import type { Labels } from './labels.ts';

export type Kit = {
  client: Client | null;
  services: Readonly<Record<string, Client>>;
  labels: Partial<Labels>;
  unstyled: boolean;
};

export const KitContext = createContext<Kit>({ client: null, services: {}, labels: {}, unstyled: false });
