'use client';
import type { Store } from '@safelight/client';
import { useSyncExternalStore } from 'react';

/** What a store holds; `first` is what a server renders, and what a browser begins with. */
export const useStore = <Value>({ subscribe, getSnapshot }: Store<Value>, first: Value): Value => useSyncExternalStore(subscribe, getSnapshot, () => first);
