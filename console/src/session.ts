import { useSyncExternalStore } from 'react';

/** Who asks, and where. */
export interface Session {
  region: string;
  accessKeyId: string;
}

const KEPT = 'kmsmodel.session';
const listeners = new Set<() => void>();

// Where the server does not say more. An access key id that is not an account stands for that of the server.
let now: Session = { region: 'us-west-2', accessKeyId: 'console', ...kept() };

function kept(): Partial<Session> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Session>;
  } catch {
    return {};
  }
}

export function session(): Session {
  return now;
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** What the server says, for what the person has not chosen. */
export function beginSession(first: Session): void {
  now = { ...first, ...kept() };
  tell();
}

/** What the person chooses is kept in this browser. */
export function setSession(part: Partial<Session>): void {
  now = { ...now, ...part };
  localStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...part }));
  tell();
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
