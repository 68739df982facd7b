import { lazy } from 'react';
import { FoundStore } from './found.tsx';
import { kindOf, type Store } from './words.tsx';

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
  const edit = (store: Store) => {
    const Form = FORMS[kindOf(store)];
    return <Form store={store} key={id} />;
  };
  return <FoundStore id={id}>{edit}</FoundStore>;
}
