import Box from '@cloudscape-design/components/box';
import { Dialog } from '../shell/dialog.tsx';

/** On-demand rotation. */
export function RotateNow({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <Dialog
      title="Rotate key now"
      confirm="Rotate key"
      requests={[{ operation: 'RotateKeyOnDemand', input: { KeyId: id } }]}
      done="On-demand rotation was initiated."
      onClose={onClose}
    >
      <Box>
        On-demand rotation makes another key material the current one. AWS KMS keeps all older key
        materials, so that data encrypted under them can be decrypted. A key can be rotated on
        demand a limited number of times.
      </Box>
    </Dialog>
  );
}
