'use client';
import { useCallback, useInsertionEffect, useRef } from 'react';

/** A function that always answers what was given last: for what is called later than it was rendered. */
export function useLatest<Value>(value: Value): () => Value {
  const latest = useRef(value);
  useInsertionEffect(() => void (latest.current = value));
  return useCallback(() => latest.current, []);
}
