import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { changed } from '../changes.ts';
import type { Model } from '../server.ts';
import { session, setSession } from '../session.ts';

/** Whose requests the console makes from now on. */
export default function SignIn({
  model,
  onClose,
}: {
  model: Model | undefined;
  onClose: () => void;
}) {
  const [value, setValue] = useState(session().accessKeyId);
  const empty = value.trim() === '';
  const known = model?.principals.filter(({ access_key_ids: ids }) => ids && ids.length > 0) ?? [];
  const save = () => {
    setSession({ accessKeyId: value.trim() });
    onClose();
    changed();
  };
  return (
    <Modal
      visible
      header="Caller"
      closeAriaLabel="Close dialog"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={empty} onClick={save}>
              Save
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="Access key ID"
          description={
            model?.has_directory
              ? 'That of a user in the directory of the server, or an account of twelve digits.'
              : 'An account of twelve digits is that account; any other stands for the account of the server.'
          }
          errorText={empty ? 'An access key ID is needed.' : undefined}
        >
          <Input value={value} onChange={({ detail }) => setValue(detail.value)} />
        </FormField>
        {known.length > 0 && (
          <SpaceBetween size="xxs">
            {known.map(({ arn, name, access_key_ids: ids = [] }) => (
              <Button key={arn} variant="inline-link" onClick={() => setValue(ids[0] ?? value)}>
                {`Use the access key of ${name}`}
              </Button>
            ))}
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Modal>
  );
}
