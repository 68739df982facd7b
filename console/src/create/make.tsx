import type { CreateKeyCommandOutput } from '@aws-sdk/client-kms';
import { ask } from '../kms/client.ts';
import { changed } from '../changes.ts';
import { fromAwsJson } from '../kms/json.ts';
import type { Input, Operation } from '../kms/operations.ts';
import { go } from '../route.ts';
import type { CreateDraft, Drafted, Edition } from '../server.ts';
import { notify } from '../shell/notices.tsx';

type Answers = Record<string, unknown>;

function taken(from: string[], answers: Answers): unknown {
  return from.reduce<unknown>((value, name) => (value as Answers)[name], answers);
}

/** A request whose open members are filled from the answers to those before it. */
function filled({ request, takes }: Drafted, answers: Answers): Input<Operation> {
  const open = Object.entries(takes).map(([member, from]) => [member, taken(from, answers)]);
  return fromAwsJson({ ...request, ...Object.fromEntries(open) }) as Input<Operation>;
}

/** Send the requests of the wizard. A key that was made is shown even if its alias could not be. */
export async function make(
  requests: Drafted[],
  draft: CreateDraft,
  edition: Edition,
): Promise<void> {
  const answers: Answers = {};
  let id: string | undefined;
  try {
    for (const drafted of requests) {
      const operation = drafted.operation as Operation;
      const answer: Partial<CreateKeyCommandOutput> = await ask(
        operation,
        filled(drafted, answers),
      );
      answers[operation] = answer;
      id ??= answer.KeyMetadata?.KeyId;
    }
  } catch (error) {
    if (id === undefined) throw error;
    const { name, message } = error as Error;
    changed();
    notify({
      type: 'error',
      header: `The key ${id} was created, but not its alias ${draft.alias}`,
      content: `${name}: ${message}`,
    });
    go('keys', id, 'aliases');
    return;
  }
  changed();
  notify({
    type: 'success',
    header: `Your AWS KMS key was created with alias ${draft.alias} and key ID ${id}.`,
  });
  if (draft.origin !== 'EXTERNAL') go('keys');
  else if (edition === 'original') go('keys', id!, 'import', 'original');
  else go('keys', id!, 'import');
}
