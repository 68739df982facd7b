import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OF_PACKAGES = ['NOTICE', 'THIRD-PARTY-LICENSES', 'THIRD-PARTY-LICENSES.txt'];
const WITH_NOTICES = [
  '@cloudscape-design/components',
  '@cloudscape-design/global-styles',
  '@cloudscape-design/component-toolkit',
  '@cloudscape-design/theming-runtime',
];

/** The notices that Cloudscape asks to pass on, the licence of its fonts among them. */
export function notices(modules) {
  return {
    name: 'notices',
    generateBundle() {
      const said = WITH_NOTICES.flatMap((name) =>
        OF_PACKAGES.map((file) => join(modules, name, file))
          .filter(existsSync)
          .map((path) => `${name}\n\n${readFileSync(path, 'utf8').trim()}\n`),
      );
      this.emitFile({
        type: 'asset',
        fileName: 'NOTICE.txt',
        source: said.join(`\n${'-'.repeat(80)}\n\n`),
      });
    },
  };
}
