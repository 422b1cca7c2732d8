'use client';
import type { Client } from '@safelight/client';
import { createElement, useContext, useMemo, type ReactElement, type ReactNode } from 'react';

import { KitContext, type Kit } from './context.ts';
import type { Labels } from './labels.ts';

export type KitOptions = {
  /** Texts that replace those of the components. `german` of `@safelight/react/german` replaces all of them. */
  labels?: Partial<Labels> | undefined;
  /** Omits the classes, and with them all styles of `styles.css`. */
  unstyled?: boolean | undefined;
};

export type SafelightProviderProps = KitOptions & {
  client?: Client | undefined;
  /** Clients by the `serviceName` that a hook can name. */
  services?: Readonly<Record<string, Client>> | undefined;
  children?: ReactNode;
};

/** Sets the client, the texts and `unstyled` for everything below it. */
export function SafelightProvider({ client, services, children, ...options }: SafelightProviderProps): ReactElement {
  const outer = useKit(options);
  const value = useMemo<Kit>(() => ({ ...outer, client: client ?? outer.client, services: services ?? outer.services }), [outer, client, services]);
  return createElement(KitContext.Provider, { value }, children);
}

/**
 * The provider's values, overridden by a component's own properties.
 * @internal
 */
export function useKit({ labels, unstyled }: KitOptions): Kit {
  const outer = useContext(KitContext);
  return useMemo(() => ({ ...outer, labels: { ...outer.labels, ...labels }, unstyled: unstyled ?? outer.unstyled }), [outer, labels, unstyled]);
}
