import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { GetKeyRotationStatusCommandOutput } from '@aws-sdk/client-kms';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { ask } from '../kms/client.ts';
import { every } from '../kms/every.ts';
import type { Request } from '../kms/operations.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Loading } from '../shell/loading.tsx';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';
import type { Shown } from './shown.ts';
import { RotateNow } from './rotate_now.tsx';

const TYPES: Record<string, string> = { AUTOMATIC: 'Automatic', ON_DEMAND: 'On-demand' };

export default function Rotation({ shown: { metadata } }: { shown: Shown }) {
  const id = metadata.KeyId!;
  const { value, error } = useAnswer(() => ask('GetKeyRotationStatus', { KeyId: id }), id);
  const [dialog, setDialog] = useState<'edit' | 'rotate'>();
  const automatic = metadata.Origin === 'AWS_KMS' && metadata.KeyManager !== 'AWS';
  return (
    <SpaceBetween size="l">
      <Problem error={error} />
      {automatic && !error && (
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <Button disabled={!value} onClick={() => setDialog('edit')}>
                  Edit
                </Button>
              }
            >
              Automatic key rotation
            </Header>
          }
        >
          {value ? <Status status={value} /> : <Loading />}
        </Container>
      )}
      {!error && (
        <History
          id={id}
          rotate={
            metadata.KeyManager !== 'AWS' && (
              <Button onClick={() => setDialog('rotate')}>Rotate now</Button>
            )
          }
          underway={value?.OnDemandRotationStartDate}
        />
      )}
      {dialog === 'edit' && value && (
        <Edit id={id} status={value} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'rotate' && <RotateNow id={id} onClose={() => setDialog(undefined)} />}
    </SpaceBetween>
  );
}

function Status({ status }: { status: GetKeyRotationStatusCommandOutput }) {
  const on = status.KeyRotationEnabled === true;
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: 'Status', value: on ? 'Enabled' : 'Disabled' },
        {
          label: 'Rotation period (in days)',
          value: on ? String(status.RotationPeriodInDays) : '-',
        },
        { label: 'Next rotation date', value: on ? when(status.NextRotationDate) : '-' },
      ]}
    />
  );
}

interface HistoryProps {
  id: string;
  rotate: React.ReactNode;
  underway: Date | undefined;
}

function History({ id, rotate, underway }: HistoryProps) {
  const { value, error } = useAnswer(
    () => every('ListKeyRotations', { KeyId: id }, 'Rotations'),
    id,
  );
  return (
    <>
      <Problem error={error} />
      <Table
        ariaLabels={{ tableLabel: 'Rotation history' }}
        items={value ?? []}
        loading={value === undefined && !error}
        loadingText="Loading rotations"
        header={
          <Header
            variant="h2"
            counter={value ? `(${value.length})` : ''}
            actions={rotate}
            description={
              underway ? `An on-demand rotation was initiated on ${when(underway)}.` : undefined
            }
          >
            Rotation history
          </Header>
        }
        columnDefinitions={[
          {
            id: 'date',
            header: 'Rotation date',
            cell: ({ RotationDate: date }) => when(date),
            isRowHeader: true,
          },
          {
            id: 'type',
            header: 'Rotation type',
            cell: ({ RotationType: type }) => TYPES[type ?? ''] ?? type ?? '-',
          },
          {
            id: 'material',
            header: 'Key material ID',
            cell: ({ KeyMaterialId: material }) => <span className="id">{material}</span>,
          },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No rotations</Box>
            <Box>This key has not been rotated.</Box>
          </Box>
        }
      />
    </>
  );
}

interface EditProps {
  id: string;
  status: GetKeyRotationStatusCommandOutput;
  onClose: () => void;
}

function Edit({ id, status, onClose }: EditProps) {
  const [on, setOn] = useState(status.KeyRotationEnabled === true);
  const [days, setDays] = useState(String(status.RotationPeriodInDays ?? 365));
  const number = Number(days);
  const isPeriod = /^\d+$/.test(days) && number >= 90 && number <= 2560;
  const request: Request = on
    ? { operation: 'EnableKeyRotation', input: { KeyId: id, RotationPeriodInDays: number } }
    : { operation: 'DisableKeyRotation', input: { KeyId: id } };
  return (
    <Dialog
      title="Edit automatic key rotation"
      confirm="Save"
      requests={[request]}
      ready={!on || isPeriod}
      done={on ? 'Automatic key rotation was enabled.' : 'Automatic key rotation was disabled.'}
      onClose={onClose}
    >
      <FormField label="Key rotation">
        <RadioGroup
          value={on ? 'on' : 'off'}
          onChange={({ detail }) => setOn(detail.value === 'on')}
          items={[
            { value: 'on', label: 'Enable' },
            { value: 'off', label: 'Disable' },
          ]}
        />
      </FormField>
      {on && (
        <FormField
          label="Rotation period (in days)"
          description="Enter a number from 90 to 2560."
          errorText={isPeriod ? undefined : 'The rotation period must be from 90 to 2560 days.'}
        >
          <Input
            inputMode="numeric"
            value={days}
            onChange={({ detail }) => setDays(detail.value)}
          />
        </FormField>
      )}
    </Dialog>
  );
}
