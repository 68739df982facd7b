import { KMSClient } from '@aws-sdk/client-kms';
import { COMMANDS, type Input, type Operation, type Output } from './operations.ts';
import { changed } from '../changes.ts';
import { session } from '../session.ts';

const clients = new Map<string, KMSClient>();

/** The client of AWS's SDK for this page's own origin. */
function client(region: string): KMSClient {
  const { accessKeyId } = session();
  const name = `${region} ${accessKeyId}`;
  const known = clients.get(name);
  if (known) return known;
  const made = new KMSClient({
    endpoint: `${location.origin}/`,
    region,
    credentials: { accessKeyId, secretAccessKey: 'signatures-are-not-checked' },
    maxAttempts: 1,
  });
  clients.set(name, made);
  return made;
}

/** The answer of AWS KMS, in the chosen Region unless another is named. Throws AWS's error. */
export async function ask<Name extends Operation>(
  operation: Name,
  input: Input<Name>,
  region: string = session().region,
): Promise<Output<Name>> {
  // Which class belongs to which name is known to `Input` and `Output`, but not to a union of all classes.
  const Command = COMMANDS[operation] as unknown as new (input: Input<Name>) => never;
  return (await client(region).send(new Command(input))) as Output<Name>;
}

/** As `ask`, for a request that changes something: all that is shown is then read anew. */
export async function change<Name extends Operation>(
  operation: Name,
  input: Input<Name>,
  region?: string,
): Promise<Output<Name>> {
  try {
    return await ask(operation, input, region);
  } finally {
    changed();
  }
}
