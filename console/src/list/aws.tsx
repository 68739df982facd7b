import Box from '@cloudscape-design/components/box';
import { type Listed, useKeys } from './keys.ts';
import { KeyTable } from './table.tsx';

const isOfAws = ({ awsManaged }: Listed) => awsManaged;

const SORTABLE = ['aliases', 'id'];

export default function AwsManagedKeys() {
  return (
    <KeyTable
      name="aws-managed-keys"
      title="AWS managed keys"
      keys={useKeys()}
      isOne={isOfAws}
      sortable={SORTABLE}
      empty={
        <Box textAlign="center" color="inherit" margin={{ vertical: 'xs' }}>
          <Box variant="strong">No keys</Box>
          <Box>AWS services create these keys in your account when you first use them.</Box>
        </Box>
      }
    />
  );
}
