import { useSyncExternalStore } from 'react';

let version = 0;
const listeners = new Set<() => void>();

/** Say that what is shown may be out of date: a request changed something, or time has passed. */
export function changed(): void {
  version += 1;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How often something has changed. What reads it is drawn anew with each change. */
export function useChanges(): number {
  return useSyncExternalStore(subscribe, () => version);
}
