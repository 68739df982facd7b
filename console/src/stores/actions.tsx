import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useState } from 'react';
import { go } from '../route.ts';
import { Dialog } from '../shell/dialog.tsx';
import type { Store } from './words.tsx';

type Action = 'connect' | 'disconnect' | 'edit' | 'delete';

interface Props {
  store: Store | undefined;
  onDeleted: () => void;
}

/** The menu of what can be done with a custom key store. */
export function KeyStoreActions({ store, onDeleted }: Props) {
  const [open, setOpen] = useState<{ action: Action; store: Store }>();
  const state = store?.ConnectionState;
  const isDisconnected = state === 'DISCONNECTED';
  const items = [
    { id: 'connect', text: 'Connect', disabled: !isDisconnected },
    {
      id: 'disconnect',
      text: 'Disconnect',
      disabled: isDisconnected || state === 'DISCONNECTING',
    },
    { id: 'edit', text: 'Edit' },
    { id: 'delete', text: 'Delete' },
  ];
  const choose = (action: Action) => {
    if (action === 'edit') go('custom-key-stores', store!.CustomKeyStoreId!, 'edit');
    else setOpen({ action, store: store! });
  };
  return (
    <>
      <ButtonDropdown
        disabled={!store}
        items={items}
        onItemClick={({ detail }) => choose(detail.id as Action)}
      >
        Key store actions
      </ButtonDropdown>
      {open && <ActionDialog {...open} onClose={() => setOpen(undefined)} onDeleted={onDeleted} />}
    </>
  );
}

interface DialogProps {
  action: Action;
  store: Store;
  onClose: () => void;
  onDeleted: () => void;
}

function ActionDialog({ action, store, onClose, onDeleted }: DialogProps) {
  if (action === 'connect') return <Connect store={store} onClose={onClose} />;
  const { CustomKeyStoreName: name, CustomKeyStoreId } = store;
  const input = { CustomKeyStoreId };
  if (action === 'disconnect') {
    return (
      <Dialog
        title="Disconnect custom key store"
        confirm="Disconnect"
        requests={[{ operation: 'DisconnectCustomKeyStore', input }]}
        done="AWS KMS is disconnecting the custom key store."
        onClose={onClose}
      >
        <Box>
          While {name} is disconnected, you can manage it and its KMS keys, but you can’t create KMS
          keys in it, or use those that are in it.
        </Box>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Delete custom key store"
      confirm="Delete"
      requests={[{ operation: 'DeleteCustomKeyStore', input }]}
      done={`The custom key store ${name} was deleted.`}
      onClose={onClose}
      onDone={onDeleted}
    >
      <Alert type="warning">
        Deleting {name} is irreversible. It must be disconnected and contain no KMS keys. What lies
        behind it is not deleted.
      </Alert>
    </Dialog>
  );
}

/** The dialog that connects a custom key store. */
export function Connect({ store, onClose }: { store: Store; onClose: () => void }) {
  return (
    <Dialog
      title="Connect custom key store"
      confirm="Connect"
      requests={[
        {
          operation: 'ConnectCustomKeyStore',
          input: { CustomKeyStoreId: store.CustomKeyStoreId },
        },
      ]}
      done="AWS KMS is connecting the custom key store."
      onClose={onClose}
    >
      <Box>
        Once {store.CustomKeyStoreName} is connected, you can create KMS keys in it, and use those
        that are in it.
      </Box>
    </Dialog>
  );
}
