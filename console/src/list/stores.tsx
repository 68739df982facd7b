import type { CustomKeyStoresListEntry } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { every } from '../kms/every.ts';
import type { Request } from '../kms/operations.ts';
import { useSession } from '../session.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';

const TYPES: Record<string, string> = {
  AWS_CLOUDHSM: 'AWS CloudHSM key store',
  EXTERNAL_KEY_STORE: 'External key store',
};

const STATES = {
  CONNECTED: ['success', 'Connected'],
  CONNECTING: ['in-progress', 'Connecting'],
  DISCONNECTED: ['stopped', 'Disconnected'],
  DISCONNECTING: ['in-progress', 'Disconnecting'],
  FAILED: ['error', 'Failed'],
} as const;

type Store = CustomKeyStoresListEntry;

function State({ store }: { store: Store }) {
  const [type, text] = STATES[store.ConnectionState ?? 'DISCONNECTED'];
  const why = store.ConnectionErrorCode ? `: ${store.ConnectionErrorCode}` : '';
  return <StatusIndicator type={type}>{text + why}</StatusIndicator>;
}

/** Custom key stores: where they stand, connect and disconnect. */
export default function CustomKeyStores() {
  const { region, accessKeyId } = useSession();
  const { value, error } = useAnswer(
    () => every('DescribeCustomKeyStores', {}, 'CustomKeyStores'),
    `${region} ${accessKeyId}`,
  );
  const [selected, setSelected] = useState<Store[]>([]);
  const [dialog, setDialog] = useState<'connect' | 'disconnect'>();
  const store = value?.find((one) => one.CustomKeyStoreId === selected[0]?.CustomKeyStoreId);
  const connected = store?.ConnectionState === 'CONNECTED';
  return (
    <SpaceBetween size="m">
      <Problem error={error} header="Custom key stores cannot be listed" />
      <Table
        ariaLabels={{
          tableLabel: 'Custom key stores',
          selectionGroupLabel: 'Custom key store selection',
          itemSelectionLabel: (_, one) => `Select ${one.CustomKeyStoreName}`,
        }}
        loading={value === undefined && !error}
        loadingText="Loading custom key stores"
        items={value ?? []}
        trackBy="CustomKeyStoreId"
        selectionType="single"
        selectedItems={store ? [store] : []}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        header={
          <Header
            variant="h1"
            counter={value ? `(${value.length})` : ''}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!connected} onClick={() => setDialog('disconnect')}>
                  Disconnect
                </Button>
                <Button disabled={!store || connected} onClick={() => setDialog('connect')}>
                  Connect
                </Button>
              </SpaceBetween>
            }
          >
            Custom key stores
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Custom key store name',
            isRowHeader: true,
            cell: (one) => one.CustomKeyStoreName,
          },
          { id: 'id', header: 'Custom key store ID', cell: (one) => one.CustomKeyStoreId },
          {
            id: 'type',
            header: 'Type',
            cell: (one) => TYPES[one.CustomKeyStoreType ?? ''] ?? one.CustomKeyStoreType,
          },
          {
            id: 'state',
            header: 'Connection state',
            cell: (one) => <State store={one} />,
          },
          { id: 'created', header: 'Creation date', cell: (one) => when(one.CreationDate) },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No custom key stores</Box>
            <Box>You don’t have any custom key stores in this Region.</Box>
          </Box>
        }
      />
      {dialog && store && (
        <Connection
          operation={dialog === 'connect' ? 'ConnectCustomKeyStore' : 'DisconnectCustomKeyStore'}
          store={store}
          onClose={() => setDialog(undefined)}
        />
      )}
    </SpaceBetween>
  );
}

interface Props {
  operation: 'ConnectCustomKeyStore' | 'DisconnectCustomKeyStore';
  store: Store;
  onClose: () => void;
}

function Connection({ operation, store, onClose }: Props) {
  const connect = operation === 'ConnectCustomKeyStore';
  const word = connect ? 'Connect' : 'Disconnect';
  const request: Request = { operation, input: { CustomKeyStoreId: store.CustomKeyStoreId } };
  return (
    <Dialog
      title={`${word} custom key store`}
      confirm={word}
      requests={[request]}
      done={`AWS KMS is ${connect ? 'connecting' : 'disconnecting'} the custom key store.`}
      onClose={onClose}
    >
      <Box>
        {connect
          ? `The KMS keys in ${store.CustomKeyStoreName} can be used once it is connected.`
          : `While ${store.CustomKeyStoreName} is disconnected, its KMS keys are unavailable.`}
      </Box>
    </Dialog>
  );
}
