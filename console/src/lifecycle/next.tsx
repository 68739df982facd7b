import type { KeyMetadata } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Table from '@cloudscape-design/components/table';
import { follow, href } from '../route.ts';
import type { LifecycleTable } from '../server.ts';
import { State } from '../shell/state.tsx';
import { when } from '../words.ts';
import { END, type Step } from './steps.ts';

interface Event {
  event: string;
  to: string[];
  kind: Step['kind'];
}

function events(steps: Step[], here: string): Event[] {
  const all = new Map<string, Event>();
  for (const step of steps.filter(({ from }) => from === here)) {
    for (const event of step.by) {
      const known = all.get(event) ?? { event, to: [], kind: step.kind };
      known.to.push(step.to);
      all.set(event, known);
    }
  }
  return [...all.values()];
}

/** When time does this to the key, as far as AWS KMS tells a date. */
function date(event: string, key: KeyMetadata): string {
  const dates: Record<string, Date | undefined> = {
    'key material expires': key.ValidTo,
    'waiting period ends': key.DeletionDate,
  };
  if (!(event in dates)) return 'When AWS KMS has done it';
  return dates[event] ? when(dates[event]) : 'Not set for this key';
}

interface Props {
  steps: Step[];
  metadata: KeyMetadata;
}

/** What may happen to this key next, by whom, and when. */
export function Next({ steps, metadata }: Props) {
  const here = metadata.KeyState!;
  return (
    <Table
      variant="embedded"
      wrapLines
      ariaLabels={{ tableLabel: 'What may happen next' }}
      items={events(steps, here)}
      header={<Header variant="h2">What may happen next</Header>}
      columnDefinitions={[
        { id: 'event', header: 'Event', cell: ({ event }) => event, isRowHeader: true },
        {
          id: 'to',
          header: 'Leads to',
          minWidth: 170,
          cell: ({ to }) =>
            to.map((state) => (
              <div key={state}>{state === END ? 'No key any more' : <State state={state} />}</div>
            )),
        },
        {
          id: 'whom',
          header: 'By whom',
          cell: ({ event, kind }) =>
            kind === 'time' ? (
              'AWS KMS'
            ) : (
              <Link href={href('keys', metadata.KeyId!, 'why', event)} onFollow={follow}>
                {`Who has kms:${event}`}
              </Link>
            ),
        },
        {
          id: 'when',
          header: 'When',
          cell: ({ event, kind }) => (kind === 'time' ? date(event, metadata) : 'At any time'),
        },
      ]}
    />
  );
}

interface RefusedProps {
  permits: LifecycleTable['permits'];
  here: string;
}

/** What this key state permits of the operations of AWS KMS, and the error of the others. */
export function Permitted({ permits, here }: RefusedProps) {
  const operations = Object.entries(permits);
  const refused = operations.filter(([, states]) => states[here]);
  return (
    <Table
      variant="embedded"
      ariaLabels={{ tableLabel: 'Operations that this key state refuses' }}
      items={refused}
      header={
        <Header
          variant="h2"
          counter={`(${refused.length} of ${operations.length})`}
          description="From the table of key states of the AWS KMS Developer Guide."
        >
          Operations that this key state refuses
        </Header>
      }
      columnDefinitions={[
        { id: 'operation', header: 'Operation', cell: ([name]) => name, isRowHeader: true },
        { id: 'error', header: 'Error', cell: ([, states]) => states[here] },
      ]}
      empty={<Box textAlign="center">This key state refuses none of them.</Box>}
    />
  );
}
