import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const EMBEDDED = /url\(['"]?data:font\/woff2;base64,([^'")]+)['"]?\)/g;

// Texts are upright, in 400 and 700. A browser draws the few light and italic ones from these.
const UNUSED = /@font-face\s*{[^}]*(font-weight:\s*(300|800)|font-style:\s*italic)[^}]*}/g;

/**
 * Fonts that a style sheet has in base64 become files: a browser fetches a file only when a text needs it, and the
 * style sheet that the first paint waits for is half as large.
 */
export function fontsAsFiles(folder) {
  return {
    name: 'fonts-as-files',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.css') || !code.includes('data:font/woff2')) return undefined;
      mkdirSync(folder, { recursive: true });
      return code.replace(UNUSED, '').replace(EMBEDDED, (_, base64) => {
        const font = Buffer.from(base64, 'base64');
        const name = `${createHash('sha256').update(font).digest('hex').slice(0, 12)}.woff2`;
        writeFileSync(join(folder, name), font);
        return `url(${relative(dirname(id), join(folder, name))})`;
      });
    },
  };
}
