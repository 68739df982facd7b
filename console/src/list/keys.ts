import { useEffect, useRef, useState } from 'react';
import { useChanges } from '../changes.ts';
import { useSession } from '../session.ts';
import {
  begin,
  describe,
  type Described,
  type Keys,
  listed,
  readBefore,
  readOn,
  startWith,
} from './reading.ts';

export type { Described, Keys, Listed } from './reading.ts';

/** All KMS keys of this account and Region, as far as they have been read; undefined before the first page. */
export function useKeys(): Keys | undefined {
  const changes = useChanges();
  const { region, accessKeyId } = useSession();
  const [keys, setKeys] = useState<Keys | undefined>(() => {
    const ahead = readBefore();
    return ahead && listed(ahead.reading);
  });
  const shown = useRef('');
  useEffect(() => {
    let wanted = true;
    const place = `${region} ${accessKeyId}`;
    const again = shown.current === place;
    const ahead = readBefore();
    startWith(undefined);
    if (!again && !ahead) setKeys(undefined);
    shown.current = place;
    const tell = (next: Keys) => {
      // What is read again is shown when it is whole, so that a list does not shrink in between.
      if (wanted && (next.complete || !again)) setKeys(next);
      return wanted;
    };
    const readAll = async () => {
      const reading = ahead?.reading ?? (await begin());
      const first = listed(reading);
      if (!ahead) tell(first);
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
  const [described, setDescribed] = useState<Described>(() => readBefore()?.described ?? new Map());
  const known = useRef({ place, ids: new Set(described.keys()) });
  const wantedIds = ids.join(' ');
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
