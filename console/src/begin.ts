import { askAhead } from './list/reading.ts';
import { parts } from './route.ts';
import { type Model, model } from './server.ts';
import { beginSession } from './session.ts';
import { setNow } from './shell/now.ts';

const PATIENCE = 400; // milliseconds that the page waits for the list, before it says that it is loading

function soon(what: Promise<unknown>): Promise<unknown> {
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  return Promise.race([what, late]);
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
  if (isList) await soon(askAhead().whole);
  return told;
}
