import type { LifecycleTable, Transition } from '../server.ts';

/** A kind of key, as far as its life differs. */
export interface Kind {
  origin: string;
  multiRegion: boolean;
}

const DELETING = ['PendingReplicaDeletion', 'PendingDeletion'];

// Only keys with relatives in other Regions come into these.
const OF_RELATIVES = new Set(['Creating', 'Updating', 'PendingReplicaDeletion']);

const SYNCHRONIZE = 'SynchronizeMultiRegionKey';

export const BIRTH = 'No key';
export const END = 'Deleted';

export interface Step {
  from: string;
  to: string;
  by: string[];
  kind: 'operation' | 'time';
}

function isOf(kind: Kind, { from, to, origins }: Transition): boolean {
  if (!origins.includes(kind.origin)) return false;
  return kind.multiRegion || ![from, to].some((state) => state !== null && OF_RELATIVES.has(state));
}

/** The steps of the life of such keys, as the model's own table has them: one for each pair of key states. */
export function stepsOf(table: LifecycleTable, kind: Kind): Step[] {
  const steps = new Map<string, Step>();
  for (const { from, to, by, kind: what } of table.transitions.filter((one) => isOf(kind, one))) {
    if (from === to) continue;
    const events = by.filter((event) => kind.multiRegion || event !== SYNCHRONIZE);
    if (events.length === 0) continue;
    const name = `${from} ${to} ${what}`;
    const known = steps.get(name);
    if (known) known.by.push(...events.filter((event) => !known.by.includes(event)));
    else steps.set(name, { from: from ?? BIRTH, to: to ?? END, by: events, kind: what });
  }
  return [...steps.values()];
}

/** The key states in the order in which a life comes to them; the end is last. */
export function order(steps: Step[]): string[] {
  const states: string[] = [];
  let next = [BIRTH];
  while (next.length > 0) {
    states.push(...next);
    const reached = next.flatMap((state) =>
      steps.filter(({ from }) => from === state).map(({ to }) => to),
    );
    next = [...new Set(reached)].filter((state) => !states.includes(state) && state !== END);
  }
  const all = [...states.filter((state) => !DELETING.includes(state)), ...DELETING, END];
  return all.filter((state) => steps.some(({ from, to }) => state === from || state === to));
}
