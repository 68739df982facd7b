import TopNavigation, {
  type TopNavigationProps,
} from '@cloudscape-design/components/top-navigation';
import { lazy, Suspense, useState } from 'react';
import { changed } from '../changes.ts';
import { follow, go, href } from '../route.ts';
import { accountOf, type Model } from '../server.ts';
import { setSession, useSession } from '../session.ts';
import { when } from '../words.ts';
import { type Appearance, appearance, setAppearance } from './appearance.ts';
import { REGION_IDS, REGIONS } from './regions.ts';
import { useNow } from './now.ts';

const SignIn = lazy(() => import('./sign_in.tsx'));

const APPEARANCES: [Appearance, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function Top({ model }: { model: Model | undefined }) {
  const { region, accessKeyId } = useSession();
  const now = useNow();
  const [signingIn, setSigningIn] = useState(false);
  const [mode, setMode] = useState(appearance());
  const regions = REGION_IDS.includes(region) ? REGIONS : [[region, ''] as const, ...REGIONS];
  const account = accountOf(model);
  const utilities: TopNavigationProps.Utility[] = [
    {
      type: 'button',
      iconName: 'calendar',
      text: now ? when(now) : 'Clock',
      ariaLabel: now ? `Clock: ${when(now)}` : 'Clock',
      title: 'Clock',
      href: href('clock'),
      onClick: follow,
    },
    {
      type: 'menu-dropdown',
      text: region,
      ariaLabel: `Region: ${region}`,
      title: 'Region',
      items: regions.map(([id, name]) => ({ id, text: name || id, description: id })),
      onItemClick: ({ detail }) => {
        setSession({ region: detail.id });
        go('keys');
        changed();
      },
    },
    {
      type: 'menu-dropdown',
      iconName: 'user-profile',
      text: account ?? 'Account',
      description: accessKeyId,
      ariaLabel: `Account: ${account ?? accessKeyId}`,
      title: 'Account',
      items: [
        { id: 'caller', text: 'Caller: access key ID' },
        {
          id: 'appearance',
          text: 'Appearance',
          items: APPEARANCES.map(([id, text]) => ({
            id,
            text,
            itemType: 'checkbox',
            checked: mode === id,
          })),
        },
      ],
      onItemClick: ({ detail }) => {
        if (detail.id === 'caller') setSigningIn(true);
        else {
          setAppearance(detail.id as Appearance);
          setMode(detail.id as Appearance);
        }
      },
    },
  ];
  return (
    <>
      <TopNavigation
        identity={{ title: 'kmsmodel', href: href('keys'), onFollow: follow }}
        utilities={utilities}
      />
      <Suspense>
        {signingIn && <SignIn model={model} onClose={() => setSigningIn(false)} />}
      </Suspense>
    </>
  );
}
