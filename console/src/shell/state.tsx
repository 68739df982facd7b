import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { stateWords } from '../words.ts';

/** A key state as AWS's console shows it. */
export function State({ state }: { state: string | undefined }) {
  const { text, kind } = stateWords(state);
  return <StatusIndicator type={kind}>{text}</StatusIndicator>;
}
