import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/overview.css';
import './styles/upload.css';
import './styles/media.css';
import './styles/library.css';
import './styles/generate.css';
import './styles/jobs.css';
import './styles/webhooks.css';
import './styles/grants.css';
import './styles/review.css';
import './styles/policies.css';
import './styles/discrepancies.css';

import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { createSessionStore } from './session/session-store.ts';
import { guardClicks } from './shell/guard-clicks.ts';
import { keepFocus } from './shell/keep-focus.ts';

const place = document.getElementById('console');
if (!place) throw new Error('The page has no place for the console.');
guardClicks();
keepFocus();
createRoot(place).render(<App session={createSessionStore()} />);
