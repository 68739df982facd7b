import type { KeyMetadata } from '@aws-sdk/client-kms';
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

/** A list that is being read: what has come so far, and where the next pages begin, if there are more. */
export interface Reading {
  ids: Set<string>;
  names: Map<string, string[]>;
  moreKeys: string | undefined;
  moreAliases: string | undefined;
}

async function readKeys(reading: Reading): Promise<void> {
  const page = await ask('ListKeys', { Limit: 1000, Marker: reading.moreKeys });
  for (const { KeyId } of page.Keys ?? []) reading.ids.add(KeyId!);
  reading.moreKeys = page.Truncated ? page.NextMarker : undefined;
}

async function readAliases(reading: Reading): Promise<void> {
  const page = await ask('ListAliases', { Limit: 100, Marker: reading.moreAliases });
  const { names } = reading;
  for (const { TargetKeyId: id, AliasName: name } of page.Aliases ?? []) {
    if (id && name) names.set(id, [...(names.get(id) ?? []), name]);
  }
  reading.moreAliases = page.Truncated ? page.NextMarker : undefined;
}

/** Begin to read: the first page of keys, and the first of aliases. */
export async function begin(): Promise<Reading> {
  const reading: Reading = {
    ids: new Set(),
    names: new Map(),
    moreKeys: undefined,
    moreAliases: undefined,
  };
  await Promise.all([readKeys(reading), readAliases(reading)]);
  return reading;
}

/** What has been read, by the first aliases, as AWS KMS lists them; then the keys without one, by their ids. */
export function listed({ ids, names, moreKeys, moreAliases }: Reading): Keys {
  const all = new Set([...names.keys(), ...ids]);
  const keys = [...all].map((id) => {
    const aliases = names.get(id) ?? [];
    return { id, aliases, awsManaged: aliases.some((name) => name.startsWith(AWS)) };
  });
  const complete = moreKeys === undefined && moreAliases === undefined;
  return { keys, complete, error: undefined };
}

/** What is left of a list, page by page: `tell` hears of it now and then, and says whether it is still wanted. */
export async function readOn(reading: Reading, tell: (keys: Keys) => boolean): Promise<void> {
  while (reading.moreKeys !== undefined) await readKeys(reading);
  for (let pages = 1; reading.moreAliases !== undefined; pages += 1) {
    await readAliases(reading);
    if (pages % PAGES_BETWEEN === 0 && !tell(listed(reading))) return;
  }
  tell(listed(reading));
}

export async function describe(id: string): Promise<readonly [string, KeyMetadata | Error]> {
  try {
    return [id, (await ask('DescribeKey', { KeyId: id })).KeyMetadata!];
  } catch (error) {
    return [id, error as Error];
  }
}

// ---- before the page is drawn

/** What the list shows first: its first pages, and what AWS KMS says of the keys on its own first page. */
interface First {
  reading: Reading;
  described: Described;
}

/** What is asked before the page is drawn: `read` once it has come, and `whole` for whoever has to wait. */
export interface Ahead {
  read: First | undefined;
  /** Undefined if it cannot be read: the list asks again, and says why. */
  whole: Promise<First | undefined>;
}

let ahead: Ahead | undefined;

/** What was asked ahead, until the list has begun with it. */
export function askedAhead(): Ahead | undefined {
  return ahead;
}

export function forgetAhead(): void {
  ahead = undefined;
}

/** Ask for what the list shows first, before anything is drawn: drawing takes longer than asking. */
export function askAhead(): Ahead {
  const asked: Ahead = { read: undefined, whole: Promise.resolve(undefined) };
  asked.whole = readFirst().then(
    (read) => (asked.read = read),
    () => undefined,
  );
  ahead = asked;
  return asked;
}

async function readFirst(): Promise<First> {
  const reading = await begin();
  const { pageSize } = preferencesOf(CUSTOMER_MANAGED);
  const shown = listed(reading).keys.filter((key) => !key.awsManaged);
  const told = await Promise.all(shown.slice(0, pageSize).map(({ id }) => describe(id)));
  return { reading, described: new Map(told) };
}
