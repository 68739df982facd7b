import { useState } from 'react';

export interface Preferences {
  pageSize: number;
  columns: string[];
}

const FIRST: Preferences = {
  pageSize: 10,
  columns: ['aliases', 'id', 'status', 'type', 'spec', 'usage'],
};

/** The list that the console begins with. */
export const CUSTOMER_MANAGED = 'customer-managed-keys';

const nameOf = (list: string) => `kmsmodel.${list}`;

/** What a person has chosen to see in a list. */
export function preferencesOf(list: string): Preferences {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(nameOf(list)) ?? '{}') as Preferences) };
  } catch {
    return FIRST;
  }
}

/** The same, kept in this browser. */
export function usePreferences(list: string): [Preferences, (next: Preferences) => void] {
  const [preferences, set] = useState<Preferences>(() => preferencesOf(list));
  return [
    preferences,
    (next) => {
      localStorage.setItem(nameOf(list), JSON.stringify(next));
      set(next);
    },
  ];
}
