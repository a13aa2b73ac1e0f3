import type { State } from '../model/track.js';

/** A state's sign: each differs by shape, so that colour is never needed to tell them apart. */
export function StateMark({
  state,
  alarm = false,
  share = 0.5,
  isMinute = false,
}: {
  state: State;
  alarm?: boolean;
  share?: number;
  /** Of a whole minute instead of a sample. */
  isMinute?: boolean;
}) {
  return (
    <svg class={`mark mark-${state}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      {isMinute ? minuteShape(state, alarm) : shapeOf(state, alarm, share)}
    </svg>
  );
}

/** Squares, as in the chart: an alarm with a hole, one that was taken back hollow. */
function minuteShape(state: State, alarm: boolean) {
  if (state !== 'anomalous') return <path d="M3 3h10v10H3z" class="ring" />;
  return alarm ? (
    <path d="M1.5 1.5h13v13h-13z M8 5.2a2.8 2.8 0 1 0 .01 0z" fill-rule="evenodd" class="fill" />
  ) : (
    <path d="M3 3h10v10H3z" class="fill" />
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
