import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { Dialog } from '../shell/dialog.tsx';
import { Nothing } from '../shell/problem.tsx';
import { State } from '../shell/state.tsx';
import { aliasWords, regionalityWords, when } from '../words.ts';
import type { Shown } from './shown.ts';

export function General({ shown: { metadata, aliases } }: { shown: Shown }) {
  const [editing, setEditing] = useState(false);
  const names = aliases.map(({ AliasName: name }) => aliasWords(name ?? ''));
  const items = [
    { label: 'Alias', value: names.length > 0 ? names.join(', ') : <Nothing /> },
    { label: 'Status', value: <State state={metadata.KeyState} /> },
    { label: 'Creation date', value: when(metadata.CreationDate) },
    { label: 'ARN', value: <Copied text={metadata.Arn!} name="ARN" /> },
    { label: 'Description', value: metadata.Description || <Nothing /> },
    { label: 'Regionality', value: regionalityWords(metadata) },
    ...(metadata.CurrentKeyMaterialId
      ? [
          {
            label: 'Current key material ID',
            value: <Copied text={metadata.CurrentKeyMaterialId} name="key material ID" />,
          },
        ]
      : []),
    ...(metadata.ValidTo ? [{ label: 'Key material expires', value: when(metadata.ValidTo) }] : []),
    ...(metadata.DeletionDate
      ? [{ label: 'Scheduled deletion date', value: when(metadata.DeletionDate) }]
      : []),
  ];
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            metadata.KeyManager !== 'AWS' && (
              <Button onClick={() => setEditing(true)}>Edit description</Button>
            )
          }
        >
          General configuration
        </Header>
      }
    >
      <KeyValuePairs columns={3} items={items} />
      {editing && (
        <EditDescription
          id={metadata.KeyId!}
          old={metadata.Description ?? ''}
          onClose={() => setEditing(false)}
        />
      )}
    </Container>
  );
}

function Copied({ text, name }: { text: string; name: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy ${name}`}
      copySuccessText="Copied"
      copyErrorText="Not copied"
    />
  );
}

function EditDescription({ id, old, onClose }: { id: string; old: string; onClose: () => void }) {
  const [text, setText] = useState(old);
  return (
    <Dialog
      title="Edit description"
      confirm="Save changes"
      requests={[{ operation: 'UpdateKeyDescription', input: { KeyId: id, Description: text } }]}
      done="The description was changed."
      onClose={onClose}
    >
      <FormField label="Description" description="At most 8192 characters.">
        <Textarea value={text} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
    </Dialog>
  );
}
