import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { follow, href } from '../route.ts';
import { get } from '../server.ts';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';

interface Call {
  operation: string;
  account: string;
  principal: string;
  region: string;
  time: string;
  request_id: string;
  key_arn: string | null;
  error_code: string | null;
}

const PAGE = 20;
const READS = /^(Describe|Get|List)/;

/** What AWS KMS was asked lately, by whom, and how it answered. */
export default function Calls() {
  const { value, error, loading, reload } = useAnswer(
    () => get<{ calls: Call[] }>('calls').then(({ calls }) => calls.reverse()),
    'calls',
  );
  const [text, setText] = useState('');
  const [reads, setReads] = useState(false);
  const [page, setPage] = useState(1);
  const wanted = text.trim().toLowerCase();
  const all = (value ?? []).filter((call) => reads || !READS.test(call.operation));
  const matching = all.filter((call) => JSON.stringify(call).toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(matching.length / PAGE));
  const current = Math.min(page, pages);
  if (error) return <Problem error={error} header="The record of calls cannot be shown" />;
  return (
    <Table
      variant="full-page"
      ariaLabels={{ tableLabel: 'Record of calls' }}
      loading={value === undefined}
      loadingText="Loading calls"
      items={matching.slice((current - 1) * PAGE, current * PAGE)}
      trackBy="request_id"
      header={
        <Header
          variant="awsui-h1-sticky"
          counter={value ? `(${all.length})` : ''}
          description="The latest calls that AWS KMS answered, the newest first."
          actions={
            <SpaceBetween direction="horizontal" size="m" alignItems="center">
              <Toggle checked={reads} onChange={({ detail }) => setReads(detail.checked)}>
                Show readings
              </Toggle>
              <Button iconName="refresh" ariaLabel="Refresh" loading={loading} onClick={reload} />
            </SpaceBetween>
          }
        >
          Record of calls
        </Header>
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder="Filter calls"
          filteringAriaLabel="Filter calls"
          countText={
            text ? `${matching.length} ${matching.length === 1 ? 'match' : 'matches'}` : ''
          }
          onChange={({ detail }) => {
            setText(detail.filteringText);
            setPage(1);
          }}
        />
      }
      pagination={
        <Pagination
          currentPageIndex={current}
          pagesCount={pages}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
        />
      }
      columnDefinitions={[
        { id: 'time', header: 'Time', cell: ({ time }) => when(new Date(time)) },
        {
          id: 'operation',
          header: 'Operation',
          cell: ({ operation }) => operation,
          isRowHeader: true,
        },
        {
          id: 'answer',
          header: 'Answer',
          cell: ({ error_code: code }) =>
            code ? (
              <StatusIndicator type="error">{code}</StatusIndicator>
            ) : (
              <StatusIndicator>OK</StatusIndicator>
            ),
        },
        {
          id: 'key',
          header: 'KMS key',
          cell: ({ key_arn: arn }) => {
            const id = arn?.split('key/')[1];
            if (!id) return '-';
            return (
              <Link href={href('keys', id)} onFollow={follow}>
                {id}
              </Link>
            );
          },
        },
        {
          id: 'principal',
          header: 'Principal',
          cell: ({ principal }) => <span className="id">{principal}</span>,
        },
        { id: 'region', header: 'Region', cell: ({ region }) => region },
      ]}
      empty={
        <Box textAlign="center">
          <Box variant="strong">No calls</Box>
          <Box>
            {text ? 'No call matches this filter.' : 'AWS KMS has not been asked for a change.'}
          </Box>
        </Box>
      }
    />
  );
}
