import type { RotationsListEntry } from '@aws-sdk/client-kms';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { every } from '../kms/every.ts';
import { go } from '../route.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';
import type { Shown } from './shown.ts';
import { RotateNow } from './rotate_now.tsx';

const STATES: Record<string, string> = {
  CURRENT: 'Current',
  NON_CURRENT: 'Non-current',
  PENDING_ROTATION: 'Pending rotation',
  PENDING_MULTI_REGION_IMPORT_AND_ROTATION: 'Pending multi-Region import and rotation',
};

/** The key materials that were imported into a key: several of a symmetric encryption key, one of any other. */
export default function KeyMaterial({ shown }: { shown: Shown }) {
  const { metadata } = shown;
  return metadata.KeySpec === 'SYMMETRIC_DEFAULT' ? (
    <Several shown={shown} />
  ) : (
    <One shown={shown} />
  );
}

function Buttons({ shown, pending }: { shown: Shown; pending: boolean }) {
  const { metadata } = shown;
  const id = metadata.KeyId!;
  const [rotating, setRotating] = useState(false);
  const several = metadata.KeySpec === 'SYMMETRIC_DEFAULT';
  const imported = metadata.CurrentKeyMaterialId !== undefined;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {several && (
        <Button disabled={!pending} onClick={() => setRotating(true)}>
          Rotate now
        </Button>
      )}
      <Button variant="primary" onClick={() => go('keys', id, 'import')}>
        {imported ? 'Reimport key material' : 'Import key material'}
      </Button>
      {several && imported && (
        <Button onClick={() => go('keys', id, 'import', 'additional')}>
          Import new key material
        </Button>
      )}
      {rotating && <RotateNow id={id} onClose={() => setRotating(false)} />}
    </SpaceBetween>
  );
}

function Several({ shown }: { shown: Shown }) {
  const { metadata } = shown;
  const id = metadata.KeyId!;
  const { value, error } = useAnswer(
    () =>
      every('ListKeyRotations', { KeyId: id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }, 'Rotations'),
    id,
  );
  const [deleting, setDeleting] = useState<RotationsListEntry>();
  if (error) return <Problem error={error} />;
  const pending = value?.some((material) => material.KeyMaterialState === 'PENDING_ROTATION');
  return (
    <>
      <Table
        ariaLabels={{ tableLabel: 'Key materials' }}
        items={value ?? []}
        loading={value === undefined}
        loadingText="Loading key materials"
        wrapLines
        header={
          <Header
            variant="h2"
            counter={value ? `(${value.length})` : ''}
            description="All key materials of a key must be imported before it can be used."
            actions={<Buttons shown={shown} pending={pending ?? false} />}
          >
            Key materials
          </Header>
        }
        columnDefinitions={[
          {
            id: 'id',
            header: 'Key material ID',
            minWidth: 170,
            isRowHeader: true,
            cell: ({ KeyMaterialId: material }) => (
              <span className="id" title={material}>
                {material}
              </span>
            ),
          },
          {
            id: 'description',
            header: 'Description',
            cell: ({ KeyMaterialDescription: text }) => text || '-',
          },
          {
            id: 'state',
            header: 'State',
            minWidth: 110,
            cell: ({ KeyMaterialState: state }) => STATES[state ?? ''] ?? state,
          },
          {
            id: 'imported',
            header: 'Import state',
            minWidth: 140,
            cell: ({ ImportState: state }) =>
              state === 'IMPORTED' ? (
                <StatusIndicator>Imported</StatusIndicator>
              ) : (
                <StatusIndicator type="pending">Pending import</StatusIndicator>
              ),
          },
          {
            id: 'expires',
            header: 'Expiration date',
            cell: ({ ValidTo: date, ExpirationModel: model }) =>
              model === 'KEY_MATERIAL_EXPIRES' ? when(date) : 'Does not expire',
          },
          {
            id: 'rotated',
            header: 'Rotation date',
            cell: ({ RotationDate: date }) => when(date),
          },
          {
            id: 'delete',
            header: 'Action',
            minWidth: 90,
            cell: (material) => (
              <Button
                variant="inline-link"
                disabled={material.ImportState !== 'IMPORTED'}
                ariaLabel={`Delete key material ${material.KeyMaterialId}`}
                onClick={() => setDeleting(material)}
              >
                Delete
              </Button>
            ),
          },
        ]}
        empty={<Empty />}
      />
      {deleting && (
        <DeleteMaterial
          id={id}
          material={deleting.KeyMaterialId}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </>
  );
}

function Empty() {
  return (
    <Box textAlign="center">
      <Box variant="strong">No key material</Box>
      <Box>Import key material to make the key usable.</Box>
    </Box>
  );
}

function One({ shown }: { shown: Shown }) {
  const { metadata } = shown;
  const [deleting, setDeleting] = useState(false);
  const imported = metadata.KeyState !== 'PendingImport';
  return (
    <>
      <Table
        ariaLabels={{ tableLabel: 'Key material' }}
        items={imported ? [metadata] : []}
        header={
          <Header variant="h2" actions={<Buttons shown={shown} pending={false} />}>
            Key material
          </Header>
        }
        columnDefinitions={[
          {
            id: 'imported',
            header: 'Import state',
            isRowHeader: true,
            cell: () => <StatusIndicator>Imported</StatusIndicator>,
          },
          {
            id: 'expires',
            header: 'Expiration date',
            cell: ({ ValidTo: date }) => (date ? when(date) : 'Does not expire'),
          },
          {
            id: 'delete',
            header: 'Action',
            cell: () => (
              <Button
                variant="inline-link"
                ariaLabel="Delete key material"
                onClick={() => setDeleting(true)}
              >
                Delete
              </Button>
            ),
          },
        ]}
        empty={<Empty />}
      />
      {deleting && <DeleteMaterial id={metadata.KeyId!} onClose={() => setDeleting(false)} />}
    </>
  );
}

interface DeleteProps {
  id: string;
  material?: string | undefined;
  onClose: () => void;
}

function DeleteMaterial({ id, material, onClose }: DeleteProps) {
  const [confirmed, setConfirmed] = useState(false);
  return (
    <Dialog
      title="Delete key material"
      confirm="Delete key material"
      requests={[
        {
          operation: 'DeleteImportedKeyMaterial',
          input: { KeyId: id, ...(material && { KeyMaterialId: material }) },
        },
      ]}
      ready={confirmed}
      done="The key material was deleted."
      onClose={onClose}
    >
      <Alert type="warning">
        The KMS key is pending import from then on and can’t be used in cryptographic operations. To
        use it again, reimport the same key material.
      </Alert>
      <Checkbox checked={confirmed} onChange={({ detail }) => setConfirmed(detail.checked)}>
        Confirm that you want to delete this key material.
      </Checkbox>
    </Dialog>
  );
}
