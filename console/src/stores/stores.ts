import { useEffect } from 'react';
import { type Answer, useAnswer } from '../answers.ts';
import { every } from '../kms/every.ts';
import { useSession } from '../session.ts';
import type { Store } from './words.tsx';

const AGAIN = 5000; // milliseconds until a connection that is on its way is looked at again

/** The custom key stores of this account and Region; while one of them is on its way, they are read anew. */
export function useStores(): Answer<Store[]> {
  const { region, accessKeyId } = useSession();
  const answer = useAnswer(
    () => every('DescribeCustomKeyStores', {}, 'CustomKeyStores'),
    `${region} ${accessKeyId}`,
  );
  const { value, reload } = answer;
  const moves = value?.some(({ ConnectionState: state }) => state?.endsWith('ING'));
  useEffect(() => {
    if (!moves) return undefined;
    const timer = setInterval(reload, AGAIN);
    return () => clearInterval(timer);
  }, [moves, reload]);
  return answer;
}
