import '@cloudscape-design/global-styles/index.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyAppearance } from './shell/appearance.ts';

applyAppearance();
createRoot(document.getElementById('page')!).render(<App />);
