import { useSignalEffect } from '@preact/signals';
import { announcement } from '../state/announcer.js';
import { connection } from '../state/feed.js';
import { place } from '../state/location.js';
import { isAdmitted, refreshSession, session, sessionError } from '../state/session.js';
import { LazyPage } from './lazy-page.js';
import { ModelsView } from './models-view.js';
import { AddressNotice, DisconnectedBanner, ErrorState } from './notices.js';
import { Overview } from './overview.js';
import { SeriesView } from './series-view.js';
import { SignIn } from './sign-in.js';
import { TopBar } from './top-bar.js';

const loadSql = async () => (await import('./sql-view.js')).SqlView;
const loadBacktest = async () => (await import('./backtest-view.js')).BacktestView;

export function App() {
  useSignalEffect(() => {
    document.body.classList.toggle('is-stale', connection.status.value.state === 'waiting');
  });
  if (session.value === null) {
    const error = sessionError.value;
    if (error !== null) return <ErrorState error={error} retry={() => void refreshSession()} />;
    return <p class="big-note quiet">Loading …</p>;
  }
  if (!isAdmitted.value) return <SignIn />;
  const { series, models, sql, backtest } = place.value;
  return (
    <>
      <a class="skip" href="#series-title">
        {sql !== null && series === null ? 'Skip to SQL' : 'Skip to the series'}
      </a>
      <TopBar />
      <DisconnectedBanner />
      <AddressNotice />
      {series !== null && backtest ? (
        <LazyPage key="backtest" load={loadBacktest} />
      ) : series !== null ? (
        <SeriesView series={series} />
      ) : sql !== null ? (
        <LazyPage key="sql" load={loadSql} />
      ) : models ? (
        <ModelsView />
      ) : (
        <Overview />
      )}
      <p class="hidden" aria-live="polite" role="log">
        {announcement.value}
      </p>
    </>
  );
}
