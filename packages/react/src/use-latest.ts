'use client';
import { useInsertionEffect, useState } from 'react';

/** A function that always answers what was given last: for what is called later than it was rendered. */
export function useLatest<Value>(value: Value): () => Value {
  const [cell] = useState(() => cellOf(value));
  useInsertionEffect(() => cell.set(value));
  return cell.get;
}

function cellOf<Value>(first: Value): { get: () => Value; set: (next: Value) => void } {
  let value = first;
  return { get: () => value, set: (next) => void (value = next) };
}
