import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { Drawing } from '../lifecycle/drawing.tsx';
import { stepsOf } from '../lifecycle/steps.ts';
import { model } from '../server.ts';
import { Loading } from '../shell/loading.tsx';
import { Problem } from '../shell/problem.tsx';
import { originWords } from '../words.ts';

/** The life of each kind of key. */
export default function Life() {
  const { value, error } = useAnswer(model, 'model');
  const [chosen, setChosen] = useState('EXTERNAL');
  const kinds = value?.lifecycle.keys ?? [];
  const kind = kinds.find(({ id }) => id === chosen) ?? kinds[0];
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
          <FormField label="Kind of key">
            <Select
              selectedOption={kind ? { value: kind.id } : null}
              options={kinds.map(({ id, origins }) => ({
                value: id,
                description: origins.map(originWords).join(', '),
              }))}
              onChange={({ detail }) => setChosen(detail.selectedOption.value ?? chosen)}
            />
          </FormField>
          <Problem error={error} />
          {value && kind ? (
            <Drawing
              steps={stepsOf(value.lifecycle, kind)}
              label={`The life cycle of keys of the kind ${kind.id}`}
            />
          ) : (
            !error && <Loading />
          )}
        </SpaceBetween>
      </Container>
    </ContentLayout>
  );
}
