import type { KeyMetadata } from '@aws-sdk/client-kms';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { TableProps } from '@cloudscape-design/components/table';
import { Nothing } from '../shell/problem.tsx';
import { State } from '../shell/state.tsx';
import { follow, href } from '../route.ts';
import {
  aliasWords,
  keyTypeWords,
  originWords,
  regionalityWords,
  usageWords,
  when,
} from '../words.ts';
import type { Described, Listed } from './keys.ts';

function described(
  all: Described,
  draw: (key: KeyMetadata) => React.ReactNode,
): (item: Listed) => React.ReactNode {
  return ({ id }) => {
    const told = all.get(id);
    if (told === undefined) return <span className="waits" aria-label="Loading" />;
    if (told instanceof Error) return <StatusIndicator type="error">{told.name}</StatusIndicator>;
    return draw(told);
  };
}

export const TITLES: Record<string, string> = {
  aliases: 'Aliases',
  id: 'Key ID',
  status: 'Status',
  type: 'Key type',
  spec: 'Key spec',
  usage: 'Key usage',
  origin: 'Origin',
  regionality: 'Regionality',
  created: 'Creation date',
  expires: 'Expiration date',
  store: 'Custom key store ID',
};

/** The columns of a list of KMS keys; which of them are shown is the person's choice. */
export function columns(
  all: Described,
  sortable: readonly string[],
): TableProps.ColumnDefinition<Listed>[] {
  const cells: Record<string, (item: Listed) => React.ReactNode> = {
    aliases: ({ id, aliases }) => {
      const [first, ...others] = aliases;
      if (first === undefined) return <Nothing />;
      const more = others.length > 0 ? ` (+${others.length} more)` : '';
      return (
        <Link href={href('keys', id)} onFollow={follow}>
          {aliasWords(first) + more}
        </Link>
      );
    },
    id: ({ id }) => (
      <Link href={href('keys', id)} onFollow={follow}>
        {id}
      </Link>
    ),
    status: described(all, (key) => <State state={key.KeyState} />),
    type: described(all, (key) => keyTypeWords(key.KeySpec)),
    spec: described(all, (key) => key.KeySpec),
    usage: described(all, (key) => usageWords(key.KeyUsage)),
    origin: described(all, (key) => originWords(key.Origin)),
    regionality: described(all, regionalityWords),
    created: described(all, (key) => when(key.CreationDate)),
    expires: described(all, (key) => (key.ValidTo ? when(key.ValidTo) : <Nothing />)),
    store: described(all, (key) => key.CustomKeyStoreId ?? <Nothing />),
  };
  return Object.entries(cells).map(([id, cell]) => ({
    id,
    header: TITLES[id],
    cell,
    isRowHeader: id === 'id',
    ...(sortable.includes(id) ? { sortingField: id } : {}),
  }));
}
