import type { AliasListEntry, KeyMetadata } from '@aws-sdk/client-kms';
import { useEffect, useRef, useState } from 'react';
import { useChanges } from '../changes.ts';
import { ask } from '../kms/client.ts';
import { useSession } from '../session.ts';

/** One KMS key as the lists know it before it is described. */
export interface Listed {
  id: string;
  aliases: string[];
  awsManaged: boolean;
}

export interface Keys {
  keys: Listed[];
  /** Whether all pages of AWS KMS have been read. */
  complete: boolean;
  error: Error | undefined;
}

const AWS = 'alias/aws/';
const PAGES_BETWEEN = 10;

async function* pagesOfKeys(): AsyncGenerator<string[]> {
  let marker: string | undefined;
  do {
    const page = await ask('ListKeys', { Limit: 1000, Marker: marker });
    yield (page.Keys ?? []).map(({ KeyId }) => KeyId!);
    marker = page.Truncated ? page.NextMarker : undefined;
  } while (marker);
}

async function* pagesOfAliases(): AsyncGenerator<AliasListEntry[]> {
  let marker: string | undefined;
  do {
    const page = await ask('ListAliases', { Limit: 100, Marker: marker });
    yield page.Aliases ?? [];
    marker = page.Truncated ? page.NextMarker : undefined;
  } while (marker);
}

/** Keys and aliases page by page: `tell` hears of them as soon as there is a first page of both. */
async function read(tell: (keys: Keys) => boolean): Promise<void> {
  const ids: string[] = [];
  const names = new Map<string, string[]>();
  const list = (complete: boolean): Keys => ({
    keys: ids.map((id) => {
      const aliases = names.get(id) ?? [];
      return { id, aliases, awsManaged: aliases.some((name) => name.startsWith(AWS)) };
    }),
    complete,
    error: undefined,
  });
  const take = {
    keys: (page: string[]) => ids.push(...page),
    aliases: (page: AliasListEntry[]) => {
      for (const { TargetKeyId: id, AliasName: name } of page) {
        if (id && name) names.set(id, [...(names.get(id) ?? []), name]);
      }
    },
  };
  const keys = pagesOfKeys();
  const aliases = pagesOfAliases();
  const [firstKeys, firstAliases] = await Promise.all([keys.next(), aliases.next()]);
  if (!firstKeys.done) take.keys(firstKeys.value);
  if (!firstAliases.done) take.aliases(firstAliases.value);
  if (!tell(list(false))) return;
  for await (const page of keys) take.keys(page);
  let pages = 0;
  for await (const page of aliases) {
    take.aliases(page);
    pages += 1;
    if (pages % PAGES_BETWEEN === 0 && !tell(list(false))) return;
  }
  tell(list(true));
}

/** All KMS keys of this account and Region, as far as they have been read; undefined before the first page. */
export function useKeys(): Keys | undefined {
  const changes = useChanges();
  const { region, accessKeyId } = useSession();
  const [keys, setKeys] = useState<Keys>();
  const shown = useRef('');
  useEffect(() => {
    let wanted = true;
    const place = `${region} ${accessKeyId}`;
    const again = shown.current === place;
    if (!again) setKeys(undefined);
    shown.current = place;
    read((next) => {
      // What is read again is shown when it is whole, so that a list does not shrink in between.
      if (wanted && (next.complete || !again)) setKeys(next);
      return wanted;
    }).catch(
      (error: unknown) => wanted && setKeys({ keys: [], complete: true, error: error as Error }),
    );
    return () => {
      wanted = false;
    };
  }, [changes, region, accessKeyId]);
  return keys;
}

export type Described = ReadonlyMap<string, KeyMetadata | Error>;

/** What AWS KMS says of these keys, and of no others: those that a page of a table shows. */
export function useDescribed(ids: string[]): Described {
  const changes = useChanges();
  const { region, accessKeyId } = useSession();
  const place = `${changes} ${region} ${accessKeyId}`;
  const [described, setDescribed] = useState<Described>(new Map());
  const known = useRef({ place: '', ids: new Set<string>() });
  const wantedIds = ids.join(' ');
  useEffect(() => {
    if (known.current.place !== place) known.current = { place, ids: new Set() };
    const { ids: asked } = known.current;
    const missing = wantedIds.split(' ').filter((id) => id && !asked.has(id));
    if (missing.length === 0) return;
    for (const id of missing) asked.add(id);
    void Promise.all(
      missing.map(async (id) => {
        try {
          return [id, (await ask('DescribeKey', { KeyId: id })).KeyMetadata!] as const;
        } catch (error) {
          return [id, error as Error] as const;
        }
      }),
    ).then((told) => setDescribed((old) => new Map([...old, ...told])));
  }, [wantedIds, place]);
  return described;
}
