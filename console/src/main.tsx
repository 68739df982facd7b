import '@cloudscape-design/global-styles/index.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyAppearance } from './shell/appearance.ts';
import { begun } from './start.ts';

applyAppearance();
// To draw the page twice takes longer than to wait for what it shows.
void begun.then((model) => {
  createRoot(document.getElementById('page')!).render(<App model={model} />);
});
