import { render } from 'preact';
import { keepUpToDate } from './state/feed.js';
import { refreshSession } from './state/session.js';
import './styles/index.css';
import { App } from './views/app.js';

void refreshSession();
keepUpToDate();
render(<App />, document.getElementById('app')!);
