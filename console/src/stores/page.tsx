import Spinner from '@cloudscape-design/components/spinner';
import { lazy } from 'react';
import { Problem } from '../shell/problem.tsx';
import { useStores } from './stores.ts';
import { kindOf } from './words.tsx';

const List = lazy(() => import('./list.tsx'));
const CustomKeyStore = lazy(() => import('./store.tsx'));
const FORMS = {
  cloudhsm: lazy(() => import('./cloudhsm.tsx')),
  external: lazy(() => import('./external.tsx')),
};

/** What the parts of an address after `custom-key-stores` name. */
export default function Stores({ at: [first = 'cloudhsm', second] }: { at: string[] }) {
  if (first === 'cloudhsm' || first === 'external') {
    const Form = FORMS[first];
    return second === 'create' ? <Form /> : <List kind={first} key={first} />;
  }
  return second === 'edit' ? <Edit id={first} /> : <CustomKeyStore id={first} key={first} />;
}

function Edit({ id }: { id: string }) {
  const { value, error } = useStores();
  const store = value?.find(({ CustomKeyStoreId }) => CustomKeyStoreId === id);
  if (store) {
    const Form = FORMS[kindOf(store)];
    return <Form store={store} key={id} />;
  }
  const absent = value && new Error(`There is no custom key store ${id} in this Region.`);
  if (!error && !absent) return <Spinner />;
  return <Problem error={error ?? absent} header="The custom key store cannot be shown" />;
}
