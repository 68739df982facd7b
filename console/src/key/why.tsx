import type { KeyMetadata } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { parts } from '../route.ts';
import { type Model, model, post } from '../server.ts';
import { session } from '../session.ts';
import { Code } from '../shell/behind.tsx';
import { Problem } from '../shell/problem.tsx';
import type { Shown } from './shown.ts';
import { EXAMPLES, examplesFor } from './examples.ts';

interface Decision {
  action: string;
  resource: string;
  principal: string;
  allowed: boolean;
  verdict: string;
  because: string;
  explanation: string[];
}

interface Row {
  arn: string;
  decisions: Decision[];
  error: Error | undefined;
}

const MOST = 25;

async function explain(operation: string, key: KeyMetadata, arn: string): Promise<Row> {
  try {
    const { decisions } = await post<{ decisions: Decision[] }>('explain', {
      operation,
      members: EXAMPLES[operation]!(key),
      principal: arn,
      region: session().region,
    });
    return { arn, decisions, error: undefined };
  } catch (error) {
    return { arn, decisions: [], error: error as Error };
  }
}

function everyone(told: Model, key: KeyMetadata, named: string[]): string[] {
  const root = `arn:${told.partition}:iam::${key.AWSAccountId}:root`;
  const known = told.principals.map(({ arn }) => arn);
  return [...new Set([root, ...named, ...known])].slice(0, MOST);
}

/** Who may do what with this key, and the statement that decides. */
export default function Why({ shown: { metadata } }: { shown: Shown }) {
  const operations = examplesFor(metadata);
  const asked = parts(location.hash)[3];
  const [operation, setOperation] = useState(
    asked && operations.includes(asked) ? asked : operations[0]!,
  );
  const [named, setNamed] = useState<string[]>([]);
  const { value, error } = useAnswer(
    async () => {
      const arns = everyone(await model(), metadata, named);
      return Promise.all(arns.map((arn) => explain(operation, metadata, arn)));
    },
    `${metadata.Arn} ${operation} ${named.join(' ')}`,
  );
  return (
    <SpaceBetween size="m">
      <Problem error={error} header="The decisions cannot be shown" />
      <Table
        wrapLines
        ariaLabels={{ tableLabel: 'Who may use it' }}
        items={value ?? []}
        trackBy="arn"
        loading={value === undefined && !error}
        loadingText="Asking the policies"
        header={
          <Header
            variant="h2"
            description="Decided by the key policy, the policies of IAM and the grants as they are now. Nothing is done."
          >
            Who may use it, and why
          </Header>
        }
        filter={
          <div className="asked">
            <FormField label="Operation">
              <Select
                selectedOption={{ value: operation }}
                options={operations.map((name) => ({ value: name }))}
                filteringType="auto"
                onChange={({ detail }) => setOperation(detail.selectedOption.value ?? operation)}
              />
            </FormField>
            <Another add={(arn) => setNamed([arn, ...named])} />
          </div>
        }
        columnDefinitions={[
          {
            id: 'principal',
            header: 'Principal',
            isRowHeader: true,
            cell: ({ arn }) => <span className="id">{arn}</span>,
          },
          {
            id: 'decision',
            header: 'Decision',
            minWidth: 120,
            cell: (row) => <Verdict row={row} />,
          },
          { id: 'why', header: 'Why', cell: (row) => <Because row={row} /> },
        ]}
      />
    </SpaceBetween>
  );
}

function Another({ add }: { add: (arn: string) => void }) {
  const [arn, setArn] = useState('');
  const ask = () => {
    if (arn.trim() !== '') add(arn.trim());
    setArn('');
  };
  return (
    <FormField
      label="Another principal, by its ARN"
      secondaryControl={<Button onClick={ask}>Ask</Button>}
    >
      <Input
        value={arn}
        placeholder="arn:aws:iam::111122223333:role/Name"
        onChange={({ detail }) => setArn(detail.value)}
        onKeyDown={({ detail }) => detail.key === 'Enter' && ask()}
      />
    </FormField>
  );
}

function Verdict({ row: { decisions, error } }: { row: Row }) {
  if (error) return <StatusIndicator type="warning">Not asked</StatusIndicator>;
  if (decisions.every(({ allowed }) => allowed)) {
    return <StatusIndicator type="success">Allowed</StatusIndicator>;
  }
  return <StatusIndicator type="error">Denied</StatusIndicator>;
}

function Because({ row: { arn, decisions, error } }: { row: Row }) {
  if (error) return error.message;
  return (
    <SpaceBetween size="xs">
      {decisions.map((decision) => (
        <div key={`${decision.action} ${decision.resource}`}>
          <Box>{decision.because}</Box>
          <ExpandableSection
            headerText="The whole explanation"
            headerAriaLabel={`The whole explanation for ${arn}`}
          >
            <Code label={`The explanation for ${arn}`} text={decision.explanation.join('\n')} />
          </ExpandableSection>
        </div>
      ))}
    </SpaceBetween>
  );
}
