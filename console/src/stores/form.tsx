import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Request } from '../kms/operations.ts';
import { Behind } from '../shell/behind.tsx';
import { Problem } from '../shell/problem.tsx';

interface Props {
  title: string;
  confirm: string;
  /** What is sent; undefined, while nothing is to be changed. */
  request: Request | undefined;
  running?: boolean;
  error: Error | undefined;
  onCancel: () => void;
  onConfirm: () => void;
  children: React.ReactNode;
}

/** A form that ends in one request, which it shows. */
export function StoreForm(props: Props) {
  const { title, confirm, request, running = false, error, onCancel, onConfirm } = props;
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      {props.children}
      <Problem error={error} />
      {request && <Behind requests={[request]} />}
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={onCancel}>
            Cancel
          </Button>
          <Button variant="primary" loading={running} disabled={!request} onClick={onConfirm}>
            {confirm}
          </Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}

interface NameProps {
  name: string;
  problem: string | undefined;
  onChange: (name: string) => void;
}

export function Name({ name, problem, onChange }: NameProps) {
  return (
    <Container header={<Header variant="h2">Custom key store name</Header>}>
      <FormField
        label="Custom key store name"
        description="A friendly name that no other custom key store of this account and Region has. It may appear in CloudTrail logs: enter nothing confidential."
        errorText={problem}
      >
        <Input value={name} onChange={({ detail }) => onChange(detail.value)} />
      </FormField>
    </Container>
  );
}
