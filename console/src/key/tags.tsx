import type { Tag } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { every } from '../kms/every.ts';
import type { Request } from '../kms/operations.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Problem } from '../shell/problem.tsx';
import { TagFields } from '../shell/tag_fields.tsx';
import type { Shown } from './shown.ts';

export default function Tags({ shown: { metadata } }: { shown: Shown }) {
  const id = metadata.KeyId!;
  const { value, error } = useAnswer(() => every('ListResourceTags', { KeyId: id }, 'Tags'), id);
  const [editing, setEditing] = useState(false);
  if (error) return <Problem error={error} />;
  return (
    <>
      <Table
        ariaLabels={{ tableLabel: 'Tags' }}
        loading={value === undefined}
        loadingText="Loading tags"
        items={value ?? []}
        header={
          <Header
            variant="h2"
            counter={value ? `(${value.length})` : ''}
            actions={
              <Button disabled={!value} onClick={() => setEditing(true)}>
                Edit tags
              </Button>
            }
          >
            Tags
          </Header>
        }
        columnDefinitions={[
          { id: 'key', header: 'Tag key', cell: ({ TagKey: key }) => key, isRowHeader: true },
          { id: 'value', header: 'Tag value', cell: ({ TagValue: text }) => text || '-' },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No tags</Box>
            <Box>This key has no tags.</Box>
          </Box>
        }
      />
      {editing && value && <EditTags id={id} old={value} onClose={() => setEditing(false)} />}
    </>
  );
}

function requestsFor(id: string, old: Tag[], next: { key: string; value: string }[]): Request[] {
  const removed = old
    .map(({ TagKey: key }) => key!)
    .filter((key) => !next.some((tag) => tag.key === key));
  const added = next.filter(
    ({ key, value }) =>
      !old.some(({ TagKey: name, TagValue: text }) => name === key && text === value),
  );
  const requests: Request[] = [];
  if (removed.length > 0) {
    requests.push({ operation: 'UntagResource', input: { KeyId: id, TagKeys: removed } });
  }
  if (added.length > 0) {
    const tags = added.map(({ key, value }) => ({ TagKey: key, TagValue: value }));
    requests.push({ operation: 'TagResource', input: { KeyId: id, Tags: tags } });
  }
  return requests;
}

function EditTags({ id, old, onClose }: { id: string; old: Tag[]; onClose: () => void }) {
  const [tags, setTags] = useState(
    old.map(({ TagKey: key, TagValue: value }) => ({ key: key ?? '', value: value ?? '' })),
  );
  const requests = requestsFor(id, old, tags);
  return (
    <Dialog
      size="large"
      title="Edit tags"
      confirm="Save changes"
      requests={requests}
      ready={requests.length > 0}
      done="The tags were changed."
      onClose={onClose}
    >
      <TagFields tags={tags} onChange={setTags} />
    </Dialog>
  );
}
