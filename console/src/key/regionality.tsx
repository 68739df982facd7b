import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { changed } from '../changes.ts';
import { useAnswer } from '../answers.ts';
import { ask } from '../kms/client.ts';
import { go } from '../route.ts';
import { setSession, useSession } from '../session.ts';
import { Dialog } from '../shell/dialog.tsx';
import { REGION_IDS } from '../shell/regions.ts';
import { State } from '../shell/state.tsx';
import type { Shown } from './shown.ts';

interface Relative {
  region: string;
  arn: string;
  type: 'Primary' | 'Replica';
}

/** The keys of a multi-Region key, one in each Region. */
export default function Regionality({ shown: { metadata } }: { shown: Shown }) {
  const { region } = useSession();
  const [dialog, setDialog] = useState<'replicate' | 'primary'>();
  const id = metadata.KeyId!;
  const configuration = metadata.MultiRegionConfiguration;
  const primary = configuration?.PrimaryKey;
  const replicas = configuration?.ReplicaKeys ?? [];
  const relatives: Relative[] = [
    ...(primary ? [{ region: primary.Region!, arn: primary.Arn!, type: 'Primary' as const }] : []),
    ...replicas.map((key) => ({ region: key.Region!, arn: key.Arn!, type: 'Replica' as const })),
  ];
  const isPrimary = configuration?.MultiRegionKeyType === 'PRIMARY';
  return (
    <>
      <Table
        ariaLabels={{ tableLabel: 'Related multi-Region keys' }}
        items={relatives}
        trackBy="arn"
        wrapLines
        header={
          <Header
            variant="h2"
            counter={`(${relatives.length})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  disabled={!isPrimary || replicas.length === 0}
                  onClick={() => setDialog('primary')}
                >
                  Change primary Region
                </Button>
                <Button disabled={!isPrimary} onClick={() => setDialog('replicate')}>
                  Create new replica keys
                </Button>
              </SpaceBetween>
            }
          >
            Related multi-Region keys
          </Header>
        }
        columnDefinitions={[
          {
            id: 'region',
            header: 'Region',
            isRowHeader: true,
            cell: (key) =>
              key.region === region ? (
                `${key.region} (this key)`
              ) : (
                <Button
                  variant="inline-link"
                  onClick={() => {
                    setSession({ region: key.region });
                    changed();
                    go('keys', id);
                  }}
                >
                  {key.region}
                </Button>
              ),
          },
          { id: 'type', header: 'Regionality', cell: ({ type }) => type },
          { id: 'state', header: 'Status', cell: (key) => <StateOf relative={key} /> },
          { id: 'arn', header: 'ARN', cell: ({ arn }) => <span className="id">{arn}</span> },
        ]}
      />
      {dialog === 'replicate' && (
        <Replicate
          shown={metadata.Description ?? ''}
          id={id}
          taken={relatives.map((key) => key.region)}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'primary' && (
        <ChangePrimary
          id={id}
          regions={replicas.map((key) => key.Region!)}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}

function StateOf({ relative }: { relative: Relative }) {
  const { value, error } = useAnswer(
    () => ask('DescribeKey', { KeyId: relative.arn }, relative.region),
    relative.arn,
  );
  if (error) return error.name;
  return value ? <State state={value.KeyMetadata?.KeyState} /> : <span className="waits" />;
}

interface ReplicateProps {
  id: string;
  shown: string;
  taken: string[];
  onClose: () => void;
}

function Replicate({ id, shown, taken, onClose }: ReplicateProps) {
  const free = REGION_IDS.filter((region) => !taken.includes(region));
  const [region, setRegion] = useState(free[0] ?? '');
  const [description, setDescription] = useState(shown);
  return (
    <Dialog
      title="Create new replica key"
      confirm="Create new replica key"
      requests={[
        {
          operation: 'ReplicateKey',
          input: { KeyId: id, ReplicaRegion: region, Description: description },
        },
      ]}
      done={`A replica key was created in ${region}.`}
      onClose={onClose}
    >
      <Box>
        A replica key has the key ID and the key material of its primary key, and its own policy,
        tags and aliases. A replica of a key with imported key material is pending import until the
        same material is imported into it.
      </Box>
      <FormField label="Region">
        <Select
          options={free.map((value) => ({ value }))}
          selectedOption={{ value: region }}
          onChange={({ detail }) => setRegion(detail.selectedOption.value ?? region)}
        />
      </FormField>
      <FormField label="Description – optional">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </Dialog>
  );
}

interface ChangeProps {
  id: string;
  regions: string[];
  onClose: () => void;
}

function ChangePrimary({ id, regions, onClose }: ChangeProps) {
  const [region, setRegion] = useState(regions[0] ?? '');
  return (
    <Dialog
      title="Change primary Region"
      confirm="Change primary Region"
      requests={[{ operation: 'UpdatePrimaryRegion', input: { KeyId: id, PrimaryRegion: region } }]}
      done={`The primary Region is now ${region}.`}
      onClose={onClose}
    >
      <Box>
        The replica key in the new primary Region becomes the primary key, and this key becomes a
        replica key. Both are updating while AWS KMS makes the change.
      </Box>
      <FormField label="New primary Region">
        <Select
          options={regions.map((value) => ({ value }))}
          selectedOption={{ value: region }}
          onChange={({ detail }) => setRegion(detail.selectedOption.value ?? region)}
        />
      </FormField>
    </Dialog>
  );
}
