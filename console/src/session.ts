import { useSyncExternalStore } from 'react';

/** Who asks, and where. */
export interface Session {
  region: string;
  accessKeyId: string;
}

const KEPT = 'kmsmodel.session';
const listeners = new Set<() => void>();

// An access key id that is no account stands for the account of the server.
let now: Session = { region: 'us-west-2', accessKeyId: 'console', ...kept() };

function kept(): Partial<Session> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Session>;
  } catch {
    return {};
  }
}

/** Whether the person has chosen a Region before. */
export function hasRegion(): boolean {
  return kept().region !== undefined;
}

export function session(): Session {
  return now;
}

export function setSession(part: Partial<Session>, keep = true): void {
  now = { ...now, ...part };
  if (keep) localStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...part }));
  for (const listener of listeners) listener();
}

export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => now,
  );
}
