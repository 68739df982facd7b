import type { AliasListEntry, KeyMetadata } from '@aws-sdk/client-kms';
import { ask } from '../kms/client.ts';
import { CUSTOMER_MANAGED, preferencesOf } from './preferences.ts';

export type Described = ReadonlyMap<string, KeyMetadata | Error>;

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

/** A list that is being read: what has come so far, and what is still to come. */
export interface Reading {
  ids: Set<string>;
  names: Map<string, string[]>;
  keys: AsyncGenerator<string[]>;
  aliases: AsyncGenerator<AliasListEntry[]>;
}

function takeAliases({ names }: Reading, page: AliasListEntry[]): void {
  for (const { TargetKeyId: id, AliasName: name } of page) {
    if (id && name) names.set(id, [...(names.get(id) ?? []), name]);
  }
}

/** Begin to read: the first page of keys, and the first of aliases. */
export async function begin(): Promise<Reading> {
  const reading: Reading = {
    ids: new Set(),
    names: new Map(),
    keys: pagesOfKeys(),
    aliases: pagesOfAliases(),
  };
  const [keys, aliases] = await Promise.all([reading.keys.next(), reading.aliases.next()]);
  for (const id of keys.value ?? []) reading.ids.add(id);
  takeAliases(reading, aliases.value ?? []);
  return reading;
}

/** What has been read, by the first aliases, as AWS KMS lists them; then the keys without one, by their ids. */
export function listed({ ids, names }: Reading, complete: boolean): Keys {
  const all = new Set([...names.keys(), ...ids]);
  const keys = [...all].map((id) => {
    const aliases = names.get(id) ?? [];
    return { id, aliases, awsManaged: aliases.some((name) => name.startsWith(AWS)) };
  });
  return { keys, complete, error: undefined };
}

/** Keys and aliases page by page: `tell` hears of them as soon as there is a first page of both. */
export async function read(begun: Promise<Reading>, tell: (keys: Keys) => boolean): Promise<void> {
  const reading = await begun;
  if (!tell(listed(reading, false))) return;
  for await (const page of reading.keys) for (const id of page) reading.ids.add(id);
  let pages = 0;
  for await (const page of reading.aliases) {
    takeAliases(reading, page);
    pages += 1;
    if (pages % PAGES_BETWEEN === 0 && !tell(listed(reading, false))) return;
  }
  tell(listed(reading, true));
}

export async function describe(id: string): Promise<readonly [string, KeyMetadata | Error]> {
  try {
    return [id, (await ask('DescribeKey', { KeyId: id })).KeyMetadata!];
  } catch (error) {
    return [id, error as Error];
  }
}

// ---- before the page is drawn

interface Ahead {
  reading: Reading;
  described: Described;
}

let ahead: Ahead | undefined;

/** Have the list of keys begin with what was read ahead. */
export function startWith(read: Ahead | undefined): void {
  ahead = read;
}

/** What was read ahead, until the list has begun with it. */
export function readBefore(): Ahead | undefined {
  return ahead;
}

/** Read what the list shows first, before anything is drawn: drawing takes longer than asking. */
export async function readAhead(): Promise<Ahead> {
  const reading = await begin();
  const { pageSize } = preferencesOf(CUSTOMER_MANAGED);
  const shown = listed(reading, false).keys.filter((key) => !key.awsManaged);
  const told = await Promise.all(shown.slice(0, pageSize).map(({ id }) => describe(id)));
  return { reading, described: new Map(told) };
}
