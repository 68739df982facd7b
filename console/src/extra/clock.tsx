import type { KeyMetadata } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAction, useAnswer } from '../answers.ts';
import { changed } from '../changes.ts';
import { ask } from '../kms/client.ts';
import { follow, href } from '../route.ts';
import { post } from '../server.ts';
import { useSession } from '../session.ts';
import { notify } from '../shell/notices.tsx';
import { serverNow, setNow, useNow } from '../shell/now.ts';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const JUMPS: [string, number][] = [
  ['1 hour', HOUR],
  ['1 day', DAY],
  ['7 days', 7 * DAY],
  ['30 days', 30 * DAY],
  ['1 year', 365 * DAY],
];

const LOOKED_AT = 100;

async function advance(seconds: number): Promise<void> {
  const { now } = await post<{ now: string }>('clock', { advance_seconds: seconds });
  setNow(now);
  changed();
  notify({ type: 'success', header: `It is ${when(new Date(now))} now.` });
}

/** The clock of the model, which goes forwards as far as somebody wants. */
export default function ClockPage() {
  const now = useNow();
  const { run, running, error } = useAction();
  const [days, setDays] = useState('1');
  const number = Number(days);
  const isNumber = days.trim() !== '' && Number.isFinite(number) && number >= 0;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Time passes here when you say so: key material expires, waiting periods end, keys are rotated. A clock is not set back."
        >
          Clock
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Advance the clock</Header>}>
          <SpaceBetween size="m">
            <Box>
              <Box variant="awsui-key-label">Time of the model</Box>
              <Box variant="awsui-value-large">{now ? when(now) : '-'}</Box>
            </Box>
            <SpaceBetween direction="horizontal" size="xs">
              {JUMPS.map(([text, seconds]) => (
                <Button key={text} disabled={running} onClick={() => run(() => advance(seconds))}>
                  {`Advance ${text}`}
                </Button>
              ))}
            </SpaceBetween>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (isNumber) void run(() => advance(number * DAY));
              }}
            >
              <Form>
                <FormField
                  label="Another number of days"
                  errorText={
                    isNumber ? undefined : 'A number of days that is not negative is needed.'
                  }
                  secondaryControl={<Button disabled={!isNumber || running}>Advance</Button>}
                >
                  <Input
                    inputMode="decimal"
                    value={days}
                    onChange={({ detail }) => setDays(detail.value)}
                  />
                </FormField>
              </Form>
            </form>
            <Problem error={error} />
          </SpaceBetween>
        </Container>
        <Dates />
      </SpaceBetween>
    </ContentLayout>
  );
}

interface Coming {
  date: Date;
  what: string;
  key: KeyMetadata;
}

async function coming(): Promise<Coming[]> {
  const { Keys: keys = [] } = await ask('ListKeys', { Limit: LOOKED_AT });
  const described = await Promise.all(
    keys.map(({ KeyId: id }) =>
      ask('DescribeKey', { KeyId: id }).then(
        ({ KeyMetadata: key }) => key,
        () => undefined,
      ),
    ),
  );
  const dates = described.flatMap((key) => {
    if (!key) return [];
    return [
      { date: key.ValidTo, what: 'Key material expires', key },
      { date: key.DeletionDate, what: 'The waiting period ends, and the key is deleted', key },
    ].filter((one): one is Coming => one.date !== undefined && one.date > serverNow());
  });
  return dates.toSorted((one, other) => one.date.getTime() - other.date.getTime());
}

/** The dates of the first keys that time will come to. */
function Dates() {
  const { region, accessKeyId } = useSession();
  const { value, error } = useAnswer(coming, `${region} ${accessKeyId}`);
  const action = useAction();
  const to = ({ date }: Coming) =>
    advance(Math.ceil((date.getTime() - serverNow().getTime()) / 1000) + 1);
  return (
    <SpaceBetween size="s">
      <Problem error={error ?? action.error} />
      <Table
        wrapLines
        ariaLabels={{ tableLabel: 'Dates to come' }}
        loading={value === undefined && !error}
        loadingText="Loading dates"
        items={value ?? []}
        header={
          <Header
            variant="h2"
            counter={value ? `(${value.length})` : ''}
            description={`Of the first ${LOOKED_AT} KMS keys of this Region.`}
          >
            Dates to come
          </Header>
        }
        columnDefinitions={[
          { id: 'date', header: 'Date', cell: ({ date }) => when(date), isRowHeader: true },
          { id: 'what', header: 'What happens', cell: ({ what }) => what },
          {
            id: 'key',
            header: 'Key ID',
            cell: ({ key }) => (
              <Link href={href('keys', key.KeyId!)} onFollow={follow}>
                {key.KeyId}
              </Link>
            ),
          },
          {
            id: 'go',
            header: 'Action',
            cell: (one) => (
              <Button
                variant="inline-link"
                ariaLabel={`Advance to this date: ${when(one.date)}`}
                onClick={() => action.run(() => to(one))}
              >
                Advance to this date
              </Button>
            ),
          },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No dates</Box>
            <Box>No key material expires, and no key is scheduled for deletion.</Box>
          </Box>
        }
      />
    </SpaceBetween>
  );
}
