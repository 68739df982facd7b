import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import type { Principal } from '../server.ts';

interface Props {
  label: string;
  header?: React.ReactNode;
  known: Principal[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
  problem?: string | undefined;
}

const PAGE = 10;

/** A principal that stands in no directory, as its ARN tells of it. */
function fromArn(arn: string): Principal {
  const [kind = '', ...path] = (arn.split(':')[5] ?? '').split('/');
  const kinds: Record<string, string> = { user: 'User', role: 'Role', root: 'Account' };
  return {
    arn,
    kind: kinds[kind] ?? 'Principal',
    name: path.at(-1) ?? arn,
    path: path.length > 1 ? `/${path.slice(0, -1).join('/')}/` : '/',
  };
}

/** IAM users and roles to choose from; others are named by their ARN. */
export function Principals({ label, header, known, chosen, onChange, problem }: Props) {
  const [text, setText] = useState('');
  const [page, setPage] = useState(1);
  const [arn, setArn] = useState('');
  const [named, setNamed] = useState<string[]>([]);
  const isKnown = (one: string) => known.some((principal) => principal.arn === one);
  const others = [...new Set([...chosen, ...named])].filter((one) => !isKnown(one));
  const all = [...known, ...others.map(fromArn)];
  const wanted = text.trim().toLowerCase();
  const matching = all.filter((principal) => principal.arn.toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(matching.length / PAGE));
  const current = Math.min(page, pages);
  const add = () => {
    const next = arn.trim();
    if (next === '') return;
    setNamed([...named, next]);
    if (!chosen.includes(next)) onChange([...chosen, next]);
    setArn('');
  };
  return (
    <SpaceBetween size="s">
      <Table
        variant="embedded"
        header={header}
        items={matching.slice((current - 1) * PAGE, current * PAGE)}
        trackBy="arn"
        selectionType="multi"
        selectedItems={all.filter((principal) => chosen.includes(principal.arn))}
        onSelectionChange={({ detail }) =>
          onChange(detail.selectedItems.map((principal) => principal.arn))
        }
        onRowClick={({ detail }) =>
          onChange(
            chosen.includes(detail.item.arn)
              ? chosen.filter((one) => one !== detail.item.arn)
              : [...chosen, detail.item.arn],
          )
        }
        ariaLabels={{
          tableLabel: label,
          selectionGroupLabel: label,
          allItemsSelectionLabel: () => `Select all: ${label}`,
          itemSelectionLabel: (_, { kind, name }) => `${kind} ${name}`,
        }}
        filter={
          <TextFilter
            filteringText={text}
            filteringPlaceholder="Search"
            filteringAriaLabel={`Search: ${label}`}
            onChange={({ detail }) => {
              setText(detail.filteringText);
              setPage(1);
            }}
          />
        }
        pagination={
          pages > 1 && (
            <Pagination
              currentPageIndex={current}
              pagesCount={pages}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
            />
          )
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', cell: ({ name }) => name, isRowHeader: true },
          { id: 'path', header: 'Path', cell: ({ path }) => path },
          { id: 'kind', header: 'Type', cell: ({ kind }) => kind },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No IAM users and roles</Box>
            <Box>Name a principal by its ARN below.</Box>
          </Box>
        }
      />
      <FormField
        label="Another principal, by its ARN"
        errorText={problem}
        secondaryControl={
          <Button onClick={add} ariaLabel={`Add to ${label}`} formAction="none">
            Add
          </Button>
        }
      >
        <Input
          value={arn}
          ariaLabel={`ARN of another principal: ${label}`}
          placeholder="arn:aws:iam::111122223333:role/Name"
          onChange={({ detail }) => setArn(detail.value)}
          onKeyDown={(event) => {
            if (event.detail.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
      </FormField>
    </SpaceBetween>
  );
}
