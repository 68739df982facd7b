/**
 * What the first view needs is one file, which is read sooner than the twenty that its parts would be.
 */
export function firstViewAtOnce() {
  const first = new Set();
  return {
    name: 'first-view-at-once',
    config: () => ({
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [{ debugName: 'first', name: (id) => (first.has(id) ? 'first' : null) }],
            },
          },
        },
      },
    }),
    buildEnd() {
      const add = (id) => {
        if (first.has(id)) return;
        first.add(id);
        this.getModuleInfo(id)?.importedIds.forEach(add);
      };
      for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry) add(id);
    },
  };
}
