'use client';
import type { Store } from '@safelight/client';
import { useSyncExternalStore } from 'react';

/** The value of a store; `first` is what a server renders, and what a browser starts with. */
export const useStore = <Value>({ subscribe, getSnapshot }: Store<Value>, first: Value): Value => useSyncExternalStore(subscribe, getSnapshot, () => first);
