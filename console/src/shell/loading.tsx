import Box from '@cloudscape-design/components/box';
import Spinner, { type SpinnerProps } from '@cloudscape-design/components/spinner';

/** What stands where something is to come, also for those who do not see it. */
export function Loading({ size = 'normal' }: { size?: SpinnerProps.Size }) {
  return (
    <>
      <Spinner size={size} />
      <span className="unseen">Loading</span>
    </>
  );
}

/** What stands where a page is to come: until then, this is its heading. */
export function LoadingPage() {
  return (
    <Box textAlign="center" padding="xxl">
      <h1 className="unseen">Loading</h1>
      <Spinner size="large" />
    </Box>
  );
}
