import '@cloudscape-design/global-styles/index.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { begin } from './begin.ts';
import { applyAppearance } from './shell/appearance.ts';

applyAppearance();
// To draw the page twice takes longer than to wait for what it shows.
void begin().then((model) => {
  createRoot(document.getElementById('page')!).render(<App model={model} />);
});
