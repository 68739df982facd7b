import { useEffect, useState } from 'react';
import { useChanges } from '../changes.ts';
import { useSession } from '../session.ts';
import { keyTypeWords } from '../words.ts';
import { describe, type Listed } from './reading.ts';

const TOGETHER = 6; // requests that a browser sends to one server at once
const BETWEEN = 250; // keys after which the list is sorted anew

// A key type never changes: what was told of a key in a place holds for as long as the page is open.
const known = new Map<string, Map<string, string>>();

interface Types {
  types: ReadonlyMap<string, string>;
  /** Of how many keys the type is still to be read. */
  left: number;
}

/** The key types of these keys, each of which takes a DescribeKey the first time; they come little by little. */
export function useTypes(keys: Listed[]): Types {
  const changes = useChanges();
  const { region, accessKeyId } = useSession();
  const place = `${region} ${accessKeyId}`;
  const of = known.get(place) ?? new Map<string, string>();
  known.set(place, of);
  const [types, setTypes] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    let wanted = keys.length > 0;
    const missing = keys.map(({ id }) => id).filter((id) => !of.has(id));
    const tell = () => wanted && setTypes(new Map(of));
    let read = 0;
    const work = async () => {
      for (let id = missing.pop(); wanted && id !== undefined; id = missing.pop()) {
        const [, told] = await describe(id);
        of.set(id, told instanceof Error ? '' : keyTypeWords(told.KeySpec));
        read += 1;
        if (read % BETWEEN === 0) tell();
      }
    };
    tell();
    void Promise.all(Array.from({ length: TOGETHER }, work)).then(tell);
    return () => {
      wanted = false;
    };
  }, [keys, place, changes]);
  return { types, left: keys.filter(({ id }) => !types.has(id)).length };
}
