import TopNavigation, {
  type TopNavigationProps,
} from '@cloudscape-design/components/top-navigation';
import { useState } from 'react';
import { changed } from '../changes.ts';
import { follow, go, href } from '../route.ts';
import type { Model } from '../server.ts';
import { setSession, useSession } from '../session.ts';
import { when } from '../words.ts';
import { type Appearance, appearance, setAppearance } from './appearance.ts';
import { useNow } from './now.ts';
import { SignIn } from './sign_in.tsx';

const REGIONS = [
  ['us-east-1', 'US East (N. Virginia)'],
  ['us-east-2', 'US East (Ohio)'],
  ['us-west-1', 'US West (N. California)'],
  ['us-west-2', 'US West (Oregon)'],
  ['ap-northeast-1', 'Asia Pacific (Tokyo)'],
  ['ap-southeast-1', 'Asia Pacific (Singapore)'],
  ['ap-southeast-2', 'Asia Pacific (Sydney)'],
  ['ca-central-1', 'Canada (Central)'],
  ['eu-central-1', 'Europe (Frankfurt)'],
  ['eu-west-1', 'Europe (Ireland)'],
  ['eu-west-2', 'Europe (London)'],
  ['sa-east-1', 'South America (São Paulo)'],
] as const;

export const REGION_IDS: string[] = REGIONS.map(([id]) => id);

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
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : model?.account;
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
      {signingIn && <SignIn model={model} onClose={() => setSigningIn(false)} />}
    </>
  );
}
