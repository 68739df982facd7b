import { readAhead, startWith } from './list/reading.ts';
import { parts } from './route.ts';
import { type Model, model } from './server.ts';
import { beginSession } from './session.ts';
import { setNow } from './shell/now.ts';

const PATIENCE = 400; // milliseconds that the page waits for the list, before it says that it is loading

function soon<Value>(what: Promise<Value>): Promise<Value | undefined> {
  const late = new Promise<undefined>((done) => setTimeout(done, PATIENCE, undefined));
  return Promise.race([what.catch(() => undefined), late]);
}

/** Who asks, and in which Region; and if the page begins with the list of keys, what it shows first. */
export async function begin(): Promise<Model | undefined> {
  const told = await model().catch(() => undefined);
  if (told) {
    beginSession({ region: told.region, accessKeyId: told.account });
    setNow(told.now);
  }
  const at = parts(location.hash);
  const isList = at.length === 0 || (at.length === 1 && at[0] === 'keys');
  // What cannot be read is asked again by the list, which then says why.
  if (isList) startWith(await soon(readAhead()));
  return told;
}
