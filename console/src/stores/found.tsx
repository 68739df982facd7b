import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { Loading } from '../shell/loading.tsx';
import { Problem } from '../shell/problem.tsx';
import { useStores } from './stores.ts';
import type { Store } from './words.tsx';

interface Props {
  id: string;
  children: (store: Store) => React.ReactNode;
}

/** What is shown of the custom key store with this ID, or why nothing is. */
export function FoundStore({ id, children }: Props) {
  const { value, error } = useStores();
  const store = value?.find(({ CustomKeyStoreId }) => CustomKeyStoreId === id);
  if (store) return children(store);
  const absent = value && new Error(`There is no custom key store ${id} in this Region.`);
  return (
    <ContentLayout header={<Header variant="h1">{id}</Header>}>
      {error || absent ? (
        <Problem error={error ?? absent} header="The custom key store cannot be shown" />
      ) : (
        <Loading size="large" />
      )}
    </ContentLayout>
  );
}
