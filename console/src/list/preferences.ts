import { useState } from 'react';

export interface Preferences {
  pageSize: number;
  columns: string[];
}

const FIRST: Preferences = {
  pageSize: 10,
  columns: ['aliases', 'id', 'status', 'type', 'spec', 'usage'],
};

/** What a person has chosen to see in a list, kept in this browser. */
export function usePreferences(list: string): [Preferences, (next: Preferences) => void] {
  const name = `kmsmodel.${list}`;
  const [preferences, set] = useState<Preferences>(() => {
    try {
      return { ...FIRST, ...(JSON.parse(localStorage.getItem(name) ?? '{}') as Preferences) };
    } catch {
      return FIRST;
    }
  });
  return [
    preferences,
    (next) => {
      localStorage.setItem(name, JSON.stringify(next));
      set(next);
    },
  ];
}
