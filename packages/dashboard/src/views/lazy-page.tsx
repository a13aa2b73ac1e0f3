import { type Signal, useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import { ErrorState } from './notices.js';

type Load = () => Promise<ComponentType>;

/** A page whose script is loaded when somebody first goes there. `load` must not change. */
export function LazyPage({ load }: { load: Load }) {
  const view = useSignal<{ readonly Component: ComponentType } | null>(null);
  const failed = useSignal(false);
  useEffect(() => void fill(load, view, failed), [load]);
  if (view.value !== null) return <view.value.Component />;
  if (!failed.value) return <p class="big-note quiet">Loading …</p>;
  const error = new ApiError(0, 'The page could not be loaded.');
  return <ErrorState error={error} retry={() => location.reload()} />;
}

async function fill(
  load: Load,
  view: Signal<{ readonly Component: ComponentType } | null>,
  failed: Signal<boolean>,
): Promise<void> {
  try {
    view.value = { Component: await load() };
  } catch {
    // Gone after an update of the server, or the connection is: loading everything anew mends both.
    failed.value = true;
  }
}
