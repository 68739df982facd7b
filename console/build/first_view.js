const START = /[\\/]src[\\/]start\.ts$/;

/**
 * What the first view needs is two files, which are read sooner than the twenty that its parts would be: a small one
 * that asks for what the view shows, and the one that draws it.
 */
export function firstViewAtOnce() {
  const start = new Set();
  const first = new Set();
  return {
    name: 'first-view-at-once',
    config: () => ({
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [
                { name: (id) => (start.has(id) ? 'start' : null), priority: 2 },
                { name: (id) => (first.has(id) ? 'first' : null), priority: 1 },
              ],
            },
          },
        },
      },
    }),
    buildEnd() {
      const add = (id, to) => {
        if (to.has(id)) return;
        to.add(id);
        this.getModuleInfo(id)?.importedIds.forEach((each) => add(each, to));
      };
      for (const id of this.getModuleIds()) {
        if (START.test(id)) add(id, start);
        if (this.getModuleInfo(id)?.isEntry) add(id, first);
      }
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (bundle === undefined) return html;
        const name = Object.keys(bundle).find((each) => /\/start-[^/]+\.js$/.test(each));
        // A script of its own runs as soon as it is there; as a part of the other, it would wait for all of it.
        const preload = new RegExp(`\\s*<link rel="modulepreload"[^>]*${name}">`);
        const script = `<script type="module" crossorigin src="/console/${name}"></script>\n    `;
        return html.replace(preload, '').replace('<script ', `${script}<script `);
      },
    },
  };
}
