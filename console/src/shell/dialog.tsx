import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect } from 'react';
import { useAction } from '../answers.ts';
import { change } from '../kms/client.ts';
import type { Request } from '../kms/operations.ts';
import { Behind } from './behind.tsx';
import { notify } from './notices.tsx';
import { Problem } from './problem.tsx';

interface Props {
  title: string;
  confirm: string;
  /** What is sent, in this order, when the button is chosen. */
  requests: Request[];
  /** What is told when all of it was done. */
  done: string;
  onClose: () => void;
  onDone?: () => void;
  /** Who takes the error, so that it is not shown here. */
  onRefused?: (error: Error) => void;
  ready?: boolean;
  region?: string;
  size?: 'medium' | 'large';
  children?: React.ReactNode;
}

/** A dialog that asks before it sends requests to AWS KMS, and shows them. */
export function Dialog(props: Props) {
  const { run, running, error } = useAction();
  const { requests, ready = true, onRefused } = props;
  useEffect(() => {
    if (error) onRefused?.(error);
  }, [error]);
  const send = async () => {
    const sent = await run(
      ...requests.map(
        ({ operation, input }) =>
          () =>
            change(operation, input, props.region),
      ),
    );
    if (!sent) return;
    notify({ type: 'success', header: props.done });
    props.onClose();
    props.onDone?.();
  };
  return (
    <Modal
      visible
      size={props.size ?? 'medium'}
      header={props.title}
      closeAriaLabel="Close dialog"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={running} disabled={!ready} onClick={send}>
              {props.confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {props.children}
        <Problem error={error} />
        {requests.length > 0 && <Behind requests={requests} />}
      </SpaceBetween>
    </Modal>
  );
}
