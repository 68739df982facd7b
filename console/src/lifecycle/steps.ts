import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { Kind, LifecycleTable } from '../server.ts';

const DELETING = ['PendingReplicaDeletion', 'PendingDeletion'];

export const BIRTH = 'No key';
export const END = 'Deleted';

/** What leads from one key state to another: any of these events. */
export interface Step {
  from: string;
  to: string;
  by: string[];
  kind: 'operation' | 'time';
}

/** The kind of this key, as far as kinds live differently. */
export function kindOf(table: LifecycleTable, key: KeyMetadata): Kind | undefined {
  const asymmetric = key.KeySpec !== 'SYMMETRIC_DEFAULT';
  const kinds = table.keys.filter(
    ({ origins, multi_region: multiRegion }) =>
      origins.includes(key.Origin!) && multiRegion === (key.MultiRegion ?? false),
  );
  return kinds.find((kind) => kind.asymmetric === asymmetric) ?? kinds[0];
}

/** The steps of the life of such keys, as the model's own table has them. */
export function stepsOf(table: LifecycleTable, kind: Kind): Step[] {
  const steps = new Map<string, Step>();
  for (const { from, to, by, kind: what, keys } of table.transitions) {
    if (from === to || !keys.includes(kind.id)) continue;
    const name = `${from} ${to} ${what}`;
    const known = steps.get(name);
    if (known) known.by.push(by);
    else steps.set(name, { from: from ?? BIRTH, to: to ?? END, by: [by], kind: what });
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
