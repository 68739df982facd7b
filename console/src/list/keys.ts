import { useEffect, useRef, useState } from 'react';
import { useChanges } from '../changes.ts';
import { useSession } from '../session.ts';
import {
  askedAhead,
  begin,
  describe,
  type Described,
  forgetAhead,
  type Keys,
  listed,
  readOn,
} from './reading.ts';

export type { Described, Keys, Listed } from './reading.ts';

/** All KMS keys of this account and Region, as far as they have been read; undefined before the first page. */
export function useKeys(): Keys | undefined {
  const changes = useChanges();
  const { region, accessKeyId } = useSession();
  const [keys, setKeys] = useState<Keys | undefined>(() => {
    const read = askedAhead()?.read;
    return read && listed(read.reading);
  });
  const shown = useRef('');
  useEffect(() => {
    let wanted = true;
    const place = `${region} ${accessKeyId}`;
    const again = shown.current === place;
    const ahead = askedAhead();
    const drawn = ahead?.read;
    forgetAhead();
    if (!again && !drawn) setKeys(undefined);
    shown.current = place;
    const tell = (next: Keys) => {
      // What is read again is shown when it is whole, so that a list does not shrink in between.
      if (wanted && (next.complete || !again)) setKeys(next);
      return wanted;
    };
    const readAll = async () => {
      const { reading } = drawn ?? (await ahead?.whole) ?? { reading: await begin() };
      const first = listed(reading);
      if (!drawn) tell(first);
      if (!first.complete) await readOn(reading, tell);
    };
    readAll().catch(
      (error: unknown) => wanted && setKeys({ keys: [], complete: true, error: error as Error }),
    );
    return () => {
      wanted = false;
    };
  }, [changes, region, accessKeyId]);
  return keys;
}

/** What AWS KMS says of these keys, and of no others: those that a page of a table shows. */
export function useDescribed(ids: string[]): Described {
  const changes = useChanges();
  const { region, accessKeyId } = useSession();
  const place = `${changes} ${region} ${accessKeyId}`;
  const [ahead] = useState(askedAhead);
  const [described, setDescribed] = useState<Described>(() => ahead?.read?.described ?? new Map());
  const known = useRef({ place, ids: new Set(described.keys()) });
  const wantedIds = ids.join(' ');
  useEffect(() => {
    if (!ahead || ahead.read) return;
    const { ids: asked } = known.current;
    void ahead.whole.then((read) => {
      // Not if something has changed meanwhile: then another set stands there, and all is asked again.
      if (!read || asked !== known.current.ids) return;
      for (const id of read.described.keys()) asked.add(id);
      setDescribed((old) => new Map([...old, ...read.described]));
    });
  }, [ahead]);
  useEffect(() => {
    if (known.current.place !== place) known.current = { place, ids: new Set() };
    const { ids: asked } = known.current;
    const missing = wantedIds.split(' ').filter((id) => id && !asked.has(id));
    if (missing.length === 0) return;
    for (const id of missing) asked.add(id);
    void Promise.all(missing.map(describe)).then((told) =>
      setDescribed((old) => new Map([...old, ...told])),
    );
  }, [wantedIds, place]);
  return described;
}
