import type { LifecycleTable, Transition } from '../server.ts';

/** A kind of key, as far as its life differs. */
export interface Kind {
  origin: string;
  multiRegion: boolean;
}

// Only keys with relatives in other Regions come into these.
const OF_RELATIVES = new Set(['Creating', 'Updating', 'PendingReplicaDeletion']);

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

/** The steps of the life of such keys, as the model's own table has them. */
export function stepsOf(table: LifecycleTable, kind: Kind): Step[] {
  return table.transitions
    .filter((transition) => transition.from !== transition.to && isOf(kind, transition))
    .map(({ from, to, by, kind: what }) => ({
      from: from ?? BIRTH,
      to: to ?? END,
      by,
      kind: what,
    }));
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
    next.sort(
      (one, other) => Number(one === 'PendingDeletion') - Number(other === 'PendingDeletion'),
    );
  }
  return steps.some(({ to }) => to === END) ? [...states, END] : states;
}
