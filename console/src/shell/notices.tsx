import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import { lazy, Suspense, useSyncExternalStore } from 'react';

const Flashbar = lazy(() => import('@cloudscape-design/components/flashbar'));

export interface Notice {
  type: 'success' | 'info' | 'warning' | 'error';
  header: string;
  content?: React.ReactNode;
  action?: React.ReactNode;
}

let notices: FlashbarProps.MessageDefinition[] = [];
let count = 0;
const listeners = new Set<() => void>();

function set(next: FlashbarProps.MessageDefinition[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Tell the person what came of it, above the page. */
export function notify(notice: Notice): void {
  count += 1;
  const id = String(count);
  const shown: FlashbarProps.MessageDefinition = {
    ...notice,
    id,
    dismissible: true,
    dismissLabel: `Dismiss: ${notice.header}`,
    ariaRole: notice.type === 'error' ? 'alert' : 'status',
    onDismiss: () => set(notices.filter((other) => other.id !== id)),
  };
  // Of what went well, only the latest is news.
  set([shown, ...notices.filter((other) => other.type !== 'success')].slice(0, 3));
}

export function clearNotices(): void {
  if (notices.length > 0) set([]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Notices() {
  const items = useSyncExternalStore(subscribe, () => notices);
  return <Suspense>{items.length > 0 && <Flashbar items={items} />}</Suspense>;
}
