import type { State } from '../model/track.js';

/** A state's sign: each differs by shape, so that colour is never needed to tell them apart. */
export function StateMark({
  state,
  alarm = false,
  share = 0.5,
}: {
  state: State;
  alarm?: boolean;
  share?: number;
}) {
  return (
    <svg class={`mark mark-${state}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      {shapeOf(state, alarm, share)}
    </svg>
  );
}

function shapeOf(state: State, alarm: boolean, share: number) {
  switch (state) {
    case 'anomalous':
      return alarm ? (
        <path d="M8 .8 14 8l-6 7.2L2 8z" class="fill" />
      ) : (
        <path d="M8 1.5 15 14H1z" class="fill" />
      );
    case 'warming_up':
      return (
        <>
          <circle cx="8" cy="8" r="6" class="ring faint" />
          <circle
            cx="8"
            cy="8"
            r="6"
            class="ring"
            pathLength={100}
            stroke-dasharray={`${Math.round(share * 100)} 100`}
            transform="rotate(-90 8 8)"
          />
        </>
      );
    case 'ok':
      return <circle cx="8" cy="8" r="4" class="fill" />;
    case 'no_data':
      return <path d="M3 8h10" class="ring" stroke-dasharray="3 2.5" />;
    default:
      return <circle cx="8" cy="8" r="4.5" class="ring" />;
  }
}
