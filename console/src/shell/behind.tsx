import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { awsJson } from '../kms/json.ts';
import type { Request } from '../kms/operations.ts';
import { post } from '../server.ts';
import { Problem } from './problem.tsx';

/** One request as it is sent, and as it is said elsewhere. */
export interface Told {
  operation: string;
  request: unknown;
  cli: string;
  boto3: string;
}

export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div className="code">
      <div className="code-copy">
        <CopyToClipboard
          variant="icon"
          textToCopy={text}
          copyButtonAriaLabel={`Copy ${label}`}
          copySuccessText="Copied"
          copyErrorText="Not copied"
        />
      </div>
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
    </div>
  );
}

/** Requests as AWS CLI, boto3 and JSON. */
export function Requests({ told }: { told: Told[] }) {
  const json = told.map(({ operation, request }) => ({ operation, request }));
  return (
    <Tabs
      ariaLabel="The request in three forms"
      tabs={[
        {
          id: 'cli',
          label: 'AWS CLI',
          content: <Code label="AWS CLI" text={told.map(({ cli }) => cli).join('\n')} />,
        },
        {
          id: 'boto3',
          label: 'boto3',
          content: <Code label="boto3" text={told.map(({ boto3 }) => boto3).join('\n')} />,
        },
        {
          id: 'json',
          label: 'JSON',
          content: (
            <SpaceBetween size="xs">
              {json.map(({ operation, request }, n) => (
                <div key={n}>
                  <Box variant="awsui-key-label">{operation}</Box>
                  <Code label={`${operation} as JSON`} text={JSON.stringify(request, null, 2)} />
                </div>
              ))}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

function Loaded({ requests }: { requests: Request[] }) {
  const asked = JSON.stringify(requests.map(({ input }) => awsJson(input)));
  const { value, error } = useAnswer(
    () =>
      Promise.all(
        requests.map(async ({ operation, input }) => {
          const request = awsJson(input);
          const words = await post<{ cli: string; boto3: string }>('commands', {
            operation,
            request,
          });
          return { operation, request, ...words };
        }),
      ),
    asked,
  );
  if (error) return <Problem error={error} />;
  return value ? <Requests told={value} /> : <Box color="text-body-secondary">Loading</Box>;
}

/** The request behind a button, which is written only when somebody wants to see it. */
export function Behind({ requests }: { requests: Request[] }) {
  const [open, setOpen] = useState(false);
  const names = requests.map(({ operation }) => operation).join(', ');
  return (
    <ExpandableSection
      headerText={`The request behind this button: ${names}`}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && <Loaded requests={requests} />}
    </ExpandableSection>
  );
}
