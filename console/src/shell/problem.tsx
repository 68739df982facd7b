import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import { isNamed, messageOf } from '../words.ts';

/** An error as AWS words it, with its name. */
export function Problem({ error, header }: { error: Error | undefined; header?: string }) {
  if (error === undefined) return null;
  return (
    <div role="alert">
      <Alert type="error" header={header ?? error.name}>
        {header !== undefined && isNamed(error) && <Box variant="strong">{error.name}: </Box>}
        {messageOf(error) || 'AWS KMS gave no message.'}
      </Alert>
    </div>
  );
}

/** What stands in a cell or a field that has nothing to show. */
export function Nothing() {
  return <span aria-label="None">-</span>;
}
