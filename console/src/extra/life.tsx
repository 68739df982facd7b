import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { Drawing } from '../lifecycle/drawing.tsx';
import { stepsOf } from '../lifecycle/steps.ts';
import { model } from '../server.ts';
import { Problem } from '../shell/problem.tsx';
import { originWords } from '../words.ts';

/** The life of each kind of key. */
export default function Life() {
  const { value, error } = useAnswer(model, 'model');
  const [origin, setOrigin] = useState('EXTERNAL');
  const [multiRegion, setMultiRegion] = useState(false);
  const origins = [...new Set(value?.lifecycle.transitions.flatMap((step) => step.origins))];
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Drawn from the table that the model itself is explored by: a column for each key state, an arrow for each step."
        >
          Life cycle
        </Header>
      }
    >
      <Container>
        <SpaceBetween size="m">
          <SpaceBetween direction="horizontal" size="l" alignItems="end">
            <FormField label="Origin">
              <Select
                selectedOption={{ value: origin, label: originWords(origin) }}
                options={origins.map((id) => ({ value: id, label: originWords(id) }))}
                onChange={({ detail }) => setOrigin(detail.selectedOption.value ?? origin)}
              />
            </FormField>
            <Toggle checked={multiRegion} onChange={({ detail }) => setMultiRegion(detail.checked)}>
              Multi-Region keys
            </Toggle>
          </SpaceBetween>
          <Problem error={error} />
          {value ? (
            <Drawing
              steps={stepsOf(value.lifecycle, { origin, multiRegion })}
              label={`The life cycle of a key of origin ${originWords(origin)}`}
            />
          ) : (
            !error && <Spinner />
          )}
        </SpaceBetween>
      </Container>
    </ContentLayout>
  );
}
