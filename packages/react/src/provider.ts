'use client';
import type { Client } from '@safelight/client';
import { createElement, useContext, useMemo, type ReactElement, type ReactNode } from 'react';

import { KitContext, type Kit } from './context.ts';
import type { Labels } from './labels.ts';

export type KitOptions = {
  /** Texts of the components, where they are to say something else. `german` of `@safelight/react/german` has all of them. */
  labels?: Partial<Labels> | undefined;
  /** Drops the classes, and with them everything that `styles.css` does. */
  unstyled?: boolean | undefined;
};

export type SafelightProviderProps = KitOptions & {
  client?: Client | undefined;
  /** Clients by the `serviceName` that a hook may ask for. */
  services?: Readonly<Record<string, Client>> | undefined;
  children?: ReactNode;
};

/** What everything below it has in common: the client, texts, and whether it brings its looks. */
export function SafelightProvider({ client, services, children, ...options }: SafelightProviderProps): ReactElement {
  const outer = useKit(options);
  const value = useMemo<Kit>(() => ({ ...outer, client: client ?? outer.client, services: services ?? outer.services }), [outer, client, services]);
  return createElement(KitContext.Provider, { value }, children);
}

/**
 * What the provider says, changed by what a component is given.
 * @internal
 */
export function useKit({ labels, unstyled }: KitOptions): Kit {
  const outer = useContext(KitContext);
  return useMemo(
    () => (labels === undefined && unstyled === undefined ? outer : { ...outer, labels: { ...outer.labels, ...labels }, unstyled: unstyled ?? outer.unstyled }),
    [outer, labels, unstyled],
  );
}
