const SORTABLE = /[\\/]components[\\/]internal[\\/]components[\\/]sortable-area[\\/]index\.js$/;
const MESSAGES = /[\\/]i18n[\\/]messages[\\/]all\.en\.js$/;
const SAFE_URL = /[\\/]components[\\/]internal[\\/]utils[\\/]check-safe-url\.js$/;

/** Components of Cloudscape that the console does not have: nobody needs to wait for their words. */
const WITHOUT = [
  '[charts]',
  'annotation-context',
  'code-editor',
  'date-range-picker',
  'features-notification-drawer',
  'pie-chart',
  'prompt-input',
  'property-filter',
  's3-resource-selector',
  'split-panel',
  'tag-editor',
  'tutorial-panel',
];

/**
 * What Cloudscape brings along and the console never shows is left out of the page: lists that are sorted by dragging,
 * which are a tenth of the code, and the words of other components. An address within the page cannot be a script, and
 * is not looked at: to parse it throws an error for each link.
 */
export function withoutUnused() {
  return {
    name: 'without-unused',
    enforce: 'pre',
    transform(code, id) {
      if (SORTABLE.test(id)) {
        return "export default function SortableArea() { throw new Error('not in this page'); }";
      }
      if (SAFE_URL.test(id)) return code.replace('if (!url) {', "if (!url || url[0] === '#') {");
      if (!MESSAGES.test(id)) return undefined;
      const all = JSON.parse(code.slice(code.indexOf('{'), code.lastIndexOf('}') + 1));
      for (const languages of Object.values(all)) {
        for (const words of Object.values(languages))
          for (const name of WITHOUT) delete words[name];
      }
      return `export default ${JSON.stringify(all)}`;
    },
  };
}
