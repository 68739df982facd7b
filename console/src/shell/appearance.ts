import { applyMode, Mode } from '@cloudscape-design/global-styles';

export type Appearance = 'system' | 'light' | 'dark';

const KEPT = 'kmsmodel.appearance';
const dark = matchMedia('(prefers-color-scheme: dark)');

export function appearance(): Appearance {
  const kept = localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function applyAppearance(): void {
  const chosen = appearance();
  const isDark = chosen === 'dark' || (chosen === 'system' && dark.matches);
  applyMode(isDark ? Mode.Dark : Mode.Light);
}

export function setAppearance(next: Appearance): void {
  localStorage.setItem(KEPT, next);
  applyAppearance();
}

dark.addEventListener('change', applyAppearance);
