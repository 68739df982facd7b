import { useCallback, useEffect, useRef, useState } from 'react';
import { useChanges } from './changes.ts';

export interface Answer<Value> {
  value: Value | undefined;
  error: Error | undefined;
  loading: boolean;
  reload: () => void;
}

/**
 * What `load` gives, read anew after each change and whenever `about` is another. The last value stays until the next
 * one is there, so that a page does not flicker; with `keep` it also stays while `about` changes, as it does with each
 * letter that is typed.
 */
export function useAnswer<Value>(
  load: () => Promise<Value>,
  about: string,
  keep = false,
): Answer<Value> {
  const changes = useChanges();
  const [again, setAgain] = useState(0);
  const [state, setState] = useState<Omit<Answer<Value>, 'reload'> & { about: string }>({
    about,
    value: undefined,
    error: undefined,
    loading: true,
  });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let wanted = true;
    setState((old) => ({
      about,
      value: keep || old.about === about ? old.value : undefined,
      error: undefined,
      loading: true,
    }));
    latest.current().then(
      (value) => wanted && setState({ about, value, error: undefined, loading: false }),
      (error: unknown) =>
        wanted &&
        setState((old) => ({ about, value: old.value, error: error as Error, loading: false })),
    );
    return () => {
      wanted = false;
    };
  }, [about, changes, again, keep]);
  const reload = useCallback(() => setAgain((n) => n + 1), []);
  return { value: state.value, error: state.error, loading: state.loading, reload };
}

export interface Action {
  run: (...steps: (() => Promise<unknown>)[]) => Promise<boolean>;
  running: boolean;
  error: Error | undefined;
  forget: () => void;
}

/** Requests that are made one after another when a button is chosen; the first error ends them. */
export function useAction(): Action {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<Error | undefined>();
  const run = useCallback(async (...steps: (() => Promise<unknown>)[]) => {
    setRunning(true);
    setError(undefined);
    try {
      for (const step of steps) await step();
      return true;
    } catch (problem) {
      setError(problem as Error);
      return false;
    } finally {
      setRunning(false);
    }
  }, []);
  const forget = useCallback(() => setError(undefined), []);
  return { run, running, error, forget };
}
