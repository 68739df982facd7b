import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { fontsAsFiles } from './build/fonts.js';
import { notices } from './build/licenses.js';
import { firstViewAtOnce } from './build/first_view.js';
import { withoutUnused } from './build/unused.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.KMSMODEL_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/console/',
  plugins: [
    react(),
    firstViewAtOnce(),
    withoutUnused(),
    fontsAsFiles(here('node_modules/.cache/fonts')),
    notices(here('node_modules')),
  ],
  build: {
    outDir: here('../src/kmsmodel/console/static'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    license: { fileName: 'LICENSES.md' },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/_kmsmodel': server,
      '^/$': {
        target: server,
        bypass: (request) => (request.method === 'GET' ? request.url : undefined),
      },
    },
  },
});
