import { useSyncExternalStore } from 'react';

/** The parts of the address after `#/kms/`, as AWS's console has them. */
export function parts(hash: string): string[] {
  return hash
    .replace(/^#\/?(kms\/?)?/, '')
    .split('?')[0]!
    .split('/')
    .filter(Boolean)
    .map(decodeURIComponent);
}

export function href(...to: string[]): string {
  return `#/kms/${to.map(encodeURIComponent).join('/')}`;
}

export function go(...to: string[]): void {
  location.hash = href(...to);
}

export function useHash(): string {
  return useSyncExternalStore(
    (listener) => {
      addEventListener('hashchange', listener);
      return () => removeEventListener('hashchange', listener);
    },
    () => location.hash,
  );
}

/** What makes a Cloudscape link stay in the page. */
export function follow(event: CustomEvent<{ href?: string; external?: boolean }>): void {
  const { href: to, external } = event.detail;
  if (to === undefined || external || !to.startsWith('#')) return;
  event.preventDefault();
  location.hash = to;
}
