import { begin } from './begin.ts';

// This runs while the browser still reads the script that draws the page.
export const begun = begin();
