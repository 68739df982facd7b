import { type ComponentType, lazy, Suspense } from 'react';
import CustomerManagedKeys from './list/customer.tsx';
import { go } from './route.ts';
import { useEffect } from 'react';
import { LoadingPage } from './shell/loading.tsx';

const AwsManagedKeys = lazy(() => import('./list/aws.tsx'));
const CustomKeyStores = lazy(() => import('./stores/page.tsx'));
const Create = lazy(() => import('./create/create.tsx'));
const Import = lazy(() => import('./import/import.tsx'));
const KeyPage = lazy(() => import('./key/key.tsx'));
const Life = lazy(() => import('./extra/life.tsx'));
const ClockPage = lazy(() => import('./extra/clock.tsx'));
const Calls = lazy(() => import('./extra/calls.tsx'));

const PLAIN: Record<string, ComponentType> = {
  'aws-managed-keys': AwsManagedKeys,
  'life-cycle': Life,
  clock: ClockPage,
  calls: Calls,
};

function Elsewhere() {
  useEffect(() => go('keys'), []);
  return <LoadingPage />;
}

function Chosen({ at }: { at: string[] }) {
  const [first = 'keys', second, third, fourth] = at;
  const Plain = PLAIN[first];
  if (Plain) return <Plain />;
  if (first === 'custom-key-stores') return <CustomKeyStores at={at.slice(1)} />;
  if (first !== 'keys') return <Elsewhere />;
  if (second === undefined) return <CustomerManagedKeys />;
  if (second === 'create') return <Create edition="new" store={third} key={third ?? 'new'} />;
  if (second === 'create-original') return <Create edition="original" key="original" />;
  if (third === 'import') {
    const edition = fourth === 'original' ? 'original' : 'new';
    const additional = fourth === 'additional';
    return <Import keyId={second} edition={edition} additional={additional} key={at.join('/')} />;
  }
  return <KeyPage keyId={second} tab={third} key={second} />;
}

/** The page that an address names. */
export function Page({ at }: { at: string[] }) {
  return (
    <Suspense fallback={<LoadingPage />}>
      <Chosen at={at} />
    </Suspense>
  );
}
