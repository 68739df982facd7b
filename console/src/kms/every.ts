import { ask } from './client.ts';
import type { Input, Operation, Output } from './operations.ts';

type Listing = Extract<Operation, `List${string}` | 'DescribeCustomKeyStores'>;
type Item<Name extends Listing, Member extends keyof Output<Name>> =
  NonNullable<Output<Name>[Member]> extends (infer One)[] ? One : never;

/** All items of a list, from all its pages. */
export async function every<Name extends Listing, Member extends keyof Output<Name>>(
  operation: Name,
  input: Input<Name>,
  member: Member,
  region?: string,
): Promise<Item<Name, Member>[]> {
  const items: Item<Name, Member>[] = [];
  let marker: string | undefined;
  do {
    const page = await ask(operation, { ...input, Marker: marker }, region);
    items.push(...((page[member] ?? []) as Item<Name, Member>[]));
    const { Truncated, NextMarker } = page as { Truncated?: boolean; NextMarker?: string };
    marker = Truncated ? NextMarker : undefined;
  } while (marker);
  return items;
}
