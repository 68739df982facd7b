import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { follow, href } from '../route.ts';

const TITLES: Record<string, string> = {
  keys: 'Customer managed keys',
  'aws-managed-keys': 'AWS managed keys',
  'custom-key-stores': 'Custom key stores',
  'life-cycle': 'Life cycle',
  clock: 'Clock',
  calls: 'Record of calls',
};

const UNDER: Record<string, string> = {
  create: 'Create key',
  'create-original': 'Create key (original console)',
  import: 'Import key material',
  cloudhsm: 'AWS CloudHSM key stores',
  external: 'External key stores',
  edit: 'Edit',
};

const CREATE: Record<string, string> = {
  cloudhsm: 'Create AWS CloudHSM key store',
  external: 'Create external key store',
};

function words(at: string[]): { text: string; href: string }[] {
  const [first = 'keys', second, third] = at;
  const crumbs = [{ text: TITLES[first] ?? first, href: href(first) }];
  if (second) crumbs.push({ text: UNDER[second] ?? second, href: href(first, second) });
  if (second && third && UNDER[third]) {
    const text = third === 'create' ? CREATE[second] : UNDER[third];
    crumbs.push({ text: text ?? UNDER[third], href: href(first, second, third) });
  }
  return crumbs;
}

/** What a page is called in the browser. */
export function titleOf(at: string[]): string {
  return words(at).at(-1)!.text;
}

export function Crumbs({ at }: { at: string[] }) {
  return (
    <BreadcrumbGroup
      ariaLabel="Breadcrumbs"
      items={[{ text: 'KMS', href: href('keys') }, ...words(at)]}
      onFollow={follow}
    />
  );
}
