import AppLayout from '@cloudscape-design/components/app-layout-toolbar';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import { startTransition, useEffect, useState } from 'react';
import { Page } from './pages.tsx';
import { follow, href, parts, useHash } from './route.ts';
import type { Model } from './server.ts';
import { Crumbs, titleOf } from './shell/crumbs.tsx';

import { clearNotices, Notices } from './shell/notices.tsx';
import { Top } from './shell/top.tsx';

const NARROW = 688;

/** The console; `model` is what the model told, if it did: the pages that need it say so themselves. */
export function App({ model: told }: { model: Model | undefined }) {
  const hash = useHash();
  const [open, setOpen] = useState(innerWidth > NARROW);
  const at = parts(hash);
  const wide = at[0] === 'keys' && at.length === 1;
  const place = at.join('/');
  useEffect(() => {
    document.title = `${titleOf(at)} | Key Management Service | kmsmodel`;
    if (innerWidth <= NARROW) setOpen(false);
    return clearNoticesWhenLeft(place);
  }, [place]);
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <div id="top">
        <Top model={told} />
      </div>
      <AppLayout
        headerSelector="#top"
        toolsHide
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigation={<Navigation at={at} />}
        breadcrumbs={<Crumbs at={at} />}
        notifications={<Notices />}
        contentType={wide || at[0] === 'aws-managed-keys' ? 'table' : 'default'}
        content={<Content at={at} />}
        ariaLabels={{
          navigation: 'Key Management Service',
          navigationToggle: 'Open navigation',
          navigationClose: 'Close navigation',
          notifications: 'Notifications',
        }}
      />
    </I18nProvider>
  );
}

/** The page, once the frame around it has found its measures: until then, each step of that would draw all anew. */
function Content({ at }: { at: string[] }) {
  const [ready, setReady] = useState(false);
  useEffect(() => startTransition(() => setReady(true)), []);
  return ready && <Page at={at} />;
}

// A notice tells what came of a step, and is read on the page that follows it.
const FOLLOWS = /^(keys|custom-key-stores)(\/|$)/;
let left = '';
function clearNoticesWhenLeft(place: string): () => void {
  if (left !== '' && left !== place && !FOLLOWS.test(place)) clearNotices();
  left = place;
  return () => undefined;
}

function Navigation({ at }: { at: string[] }) {
  const [first = 'keys', second] = at;
  const isList = second === 'cloudhsm' || second === 'external';
  return (
    <SideNavigation
      header={{ href: href('keys'), text: 'Key Management Service (KMS)' }}
      activeHref={isList ? href(first, second) : href(first)}
      onFollow={follow}
      items={[
        { type: 'link', text: 'AWS managed keys', href: href('aws-managed-keys') },
        { type: 'link', text: 'Customer managed keys', href: href('keys') },
        {
          type: 'link-group',
          text: 'Custom key stores',
          href: href('custom-key-stores'),
          items: [
            {
              type: 'link',
              text: 'AWS CloudHSM key stores',
              href: href('custom-key-stores', 'cloudhsm'),
            },
            {
              type: 'link',
              text: 'External key stores',
              href: href('custom-key-stores', 'external'),
            },
          ],
        },
        { type: 'divider' },
        {
          type: 'section',
          text: 'Model',
          items: [
            { type: 'link', text: 'Life cycle', href: href('life-cycle') },
            { type: 'link', text: 'Clock', href: href('clock') },
            { type: 'link', text: 'Record of calls', href: href('calls') },
          ],
        },
      ]}
    />
  );
}
