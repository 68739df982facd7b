import { useSyncExternalStore } from 'react';

// What time it is for the server: its clock may be ahead of the browser's.
let ahead: number | undefined;
let minute = 0;
const listeners = new Set<() => void>();

function tell(): void {
  minute = Math.floor(((ahead ?? 0) + Date.now()) / 60_000);
  for (const listener of listeners) listener();
}

/** Note what time the server says it is. */
export function setNow(now: string): void {
  ahead = new Date(now).getTime() - Date.now();
  tell();
}

export function serverNow(): Date {
  return new Date(Date.now() + (ahead ?? 0));
}

setInterval(tell, 15_000);

/** The server's time, to the minute, once it is known. */
export function useNow(): Date | undefined {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => minute,
  );
  return ahead === undefined ? undefined : new Date(shown * 60_000);
}
