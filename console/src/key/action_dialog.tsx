import type { KeyMetadata } from '@aws-sdk/client-kms';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { Request } from '../kms/operations.ts';
import { Dialog } from '../shell/dialog.tsx';

export type KeyAction = 'enable' | 'disable' | 'schedule' | 'cancel';

interface Props {
  action: KeyAction;
  keys: KeyMetadata[];
  onClose: () => void;
  onDone?: (() => void) | undefined;
}

function Which({ keys }: { keys: KeyMetadata[] }) {
  return (
    <ul className="keys">
      {keys.map(({ KeyId, Description }) => (
        <li key={KeyId}>
          <Box variant="code">{KeyId}</Box>
          {Description && ` – ${Description}`}
        </li>
      ))}
    </ul>
  );
}

function requests(operation: Request['operation'], keys: KeyMetadata[], more = {}): Request[] {
  return keys.map(({ KeyId }) => ({ operation, input: { KeyId, ...more } as Request['input'] }));
}

function these(keys: KeyMetadata[], one: string, many: string): string {
  return keys.length === 1 ? one : many;
}

function Enable({ keys, ...rest }: Omit<Props, 'action'>) {
  return (
    <Dialog
      {...rest}
      title={these(keys, 'Enable key', 'Enable keys')}
      confirm={these(keys, 'Enable key', 'Enable keys')}
      requests={requests('EnableKey', keys)}
      done={these(keys, 'The key was enabled.', `${keys.length} keys were enabled.`)}
    >
      <Box>An enabled KMS key can be used in cryptographic operations.</Box>
      <Which keys={keys} />
    </Dialog>
  );
}

function Disable({ keys, ...rest }: Omit<Props, 'action'>) {
  const [confirmed, setConfirmed] = useState(false);
  return (
    <Dialog
      {...rest}
      title={these(keys, 'Disable key', 'Disable keys')}
      confirm={these(keys, 'Disable key', 'Disable keys')}
      requests={requests('DisableKey', keys)}
      done={these(keys, 'The key was disabled.', `${keys.length} keys were disabled.`)}
      ready={confirmed}
    >
      <Box>
        While a KMS key is disabled, it can’t be used in any cryptographic operation. You can enable
        it at any time.
      </Box>
      <Which keys={keys} />
      <Checkbox checked={confirmed} onChange={({ detail }) => setConfirmed(detail.checked)}>
        {these(
          keys,
          'Confirm that you want to disable this key.',
          'Confirm that you want to disable these keys.',
        )}
      </Checkbox>
    </Dialog>
  );
}

function Cancel({ keys, ...rest }: Omit<Props, 'action'>) {
  return (
    <Dialog
      {...rest}
      title="Cancel key deletion"
      confirm="Cancel deletion"
      requests={requests('CancelKeyDeletion', keys)}
      done={these(
        keys,
        'The deletion of the key was canceled.',
        `The deletion of ${keys.length} keys was canceled.`,
      )}
    >
      <Box>
        The KMS key will not be deleted. Its status is then Disabled; to use it, enable it. A key
        whose key material is missing is pending import instead.
      </Box>
      <Which keys={keys} />
    </Dialog>
  );
}

/** What nobody can do any more without these keys, by what they are used for. */
function lost(keys: KeyMetadata[]): string {
  const usages = new Set(keys.map(({ KeyUsage }) => KeyUsage));
  return [
    usages.has('ENCRYPT_DECRYPT') &&
      'Deleting a KMS key makes all data encrypted under it unrecoverable.',
    usages.has('SIGN_VERIFY') &&
      'Nothing can be signed with a deleted key, and its public key can’t be downloaded any more.',
    usages.has('GENERATE_VERIFY_MAC') &&
      'The HMACs that a deleted key has generated can’t be verified any more.',
    (usages.has('KEY_AGREEMENT') || usages.has('ENCAPSULATE_DECAPSULATE')) &&
      'Secrets that depend on the private key of a deleted key can’t be derived any more.',
  ]
    .filter(Boolean)
    .join(' ');
}

function Schedule({ keys, ...rest }: Omit<Props, 'action'>) {
  const [days, setDays] = useState('30');
  const [confirmed, setConfirmed] = useState(false);
  const number = Number(days);
  const isPeriod = /^\d+$/.test(days.trim()) && number >= 7 && number <= 30;
  const external = keys.some(({ Origin }) => Origin === 'EXTERNAL');
  return (
    <Dialog
      {...rest}
      title="Schedule key deletion"
      confirm="Schedule deletion"
      requests={requests('ScheduleKeyDeletion', keys, { PendingWindowInDays: number })}
      done={these(
        keys,
        'The deletion of the key was scheduled.',
        `The deletion of ${keys.length} keys was scheduled.`,
      )}
      ready={confirmed && isPeriod}
    >
      <Alert type="warning">
        {lost(keys)} During the waiting period the key can’t be used, and you can cancel the
        deletion.
        {external &&
          ' Deleting a key with imported key material is irreversible, even if you keep the material.'}
      </Alert>
      <Which keys={keys} />
      <FormField
        label="Waiting period (in days)"
        description="Enter a number from 7 to 30."
        errorText={isPeriod ? undefined : 'The waiting period must be from 7 to 30 days.'}
      >
        <Input inputMode="numeric" value={days} onChange={({ detail }) => setDays(detail.value)} />
      </FormField>
      <Checkbox checked={confirmed} onChange={({ detail }) => setConfirmed(detail.checked)}>
        {these(
          keys,
          `Confirm that you want to schedule this key for deletion after a ${days} day waiting period.`,
          `Confirm that you want to schedule these keys for deletion after a ${days} day waiting period.`,
        )}
      </Checkbox>
    </Dialog>
  );
}

/** The dialogs that move keys from key state to key state. */
export default function ActionDialog({ action, ...props }: Props) {
  switch (action) {
    case 'enable':
      return <Enable {...props} />;
    case 'disable':
      return <Disable {...props} />;
    case 'schedule':
      return <Schedule {...props} />;
    case 'cancel':
      return <Cancel {...props} />;
  }
}
