import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useAnswer } from '../answers.ts';
import { Drawing } from '../lifecycle/drawing.tsx';
import { Next, Permitted } from '../lifecycle/next.tsx';
import { kindOf, stepsOf } from '../lifecycle/steps.ts';
import { model } from '../server.ts';
import { Loading } from '../shell/loading.tsx';
import { Problem } from '../shell/problem.tsx';
import type { Shown } from './shown.ts';

/** The place of this key in the life of such keys. */
export default function Place({ shown: { metadata } }: { shown: Shown }) {
  const { value, error } = useAnswer(model, 'model');
  if (error) return <Problem error={error} header="The life cycle cannot be shown" />;
  if (!value) return <Loading />;
  const kind = kindOf(value.lifecycle, metadata);
  const steps = kind ? stepsOf(value.lifecycle, kind) : [];
  return (
    <SpaceBetween size="l">
      <Container>
        <Next steps={steps} metadata={metadata} />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="Each arrow is a step from key state to key state. What may come next is in colour; a broken line is time, or AWS KMS itself."
          >
            Life cycle
          </Header>
        }
      >
        <Drawing steps={steps} here={metadata.KeyState} label="The life cycle of this key" />
      </Container>
      <ExpandableSection variant="container" headerText="What this key state permits">
        <Permitted permits={value.lifecycle.permits} here={metadata.KeyState!} />
      </ExpandableSection>
    </SpaceBetween>
  );
}
