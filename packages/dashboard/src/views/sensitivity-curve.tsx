import type { SensitivityPoint } from '../model/backtest-messages.js';
import { shortNumber } from '../model/format.js';
import { backtestRun, SENSITIVITIES } from '../state/backtest.js';
import { hrefTo } from '../state/location.js';

const WIDTH = 460;
const HEIGHT = 260;
const LEFT = 52;
const RIGHT = 14;
const TOP = 14;
const BOTTOM = 40;

/** Alarms a week over the sensitivity, both by powers of ten, beside the false alarms that were asked for. */
export function SensitivityCurve({ chosen, usual }: { chosen: number; usual: number }) {
  const points = [...backtestRun.points.value.values()]
    .filter(({ alarmsPerWeek }) => alarmsPerWeek >= 0)
    .sort((a, b) => a.sensitivity - b.sensitivity);
  const { x, y, decades, asked } = scalesFor(points, [chosen, usual]);
  const line = points
    .map(({ sensitivity, alarmsPerWeek }) => `${x(sensitivity)},${y(alarmsPerWeek)}`)
    .join(' ');
  return (
    <figure class="sensitivity-curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Alarms a week over the sensitivity">
        {decades.map((value) => (
          <g key={value}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} />
            <text class="tick is-left" x={LEFT - 8} y={y(value) + 4}>
              {shortNumber(value)}
            </text>
          </g>
        ))}
        {SENSITIVITIES.filter((_, at) => at % 2 === 0).map((value) => (
          <text key={value} class="tick" x={x(value)} y={HEIGHT - BOTTOM + 18}>
            {shortNumber(value)}
          </text>
        ))}
        <text class="tick" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 4}>
          sensitivity: false alarms to be expected a week
        </text>
        <line class="asked" x1={x(asked.from)} y1={y(asked.from)} x2={x(asked.to)} y2={y(asked.to)} />
        <polyline class="told" points={line} />
        {points.map(({ sensitivity, alarmsPerWeek }) => (
          <a key={sensitivity} href={hrefTo({ sensitivity })}>
            <circle
              class={sensitivity === chosen ? 'point is-chosen' : 'point'}
              cx={x(sensitivity)}
              cy={y(alarmsPerWeek)}
              r={sensitivity === chosen ? 7 : 4.5}
            >
              <title>{`${shortNumber(alarmsPerWeek)} alarms a week at ${shortNumber(sensitivity)}`}</title>
            </circle>
          </a>
        ))}
      </svg>
      <figcaption class="quiet">
        <span class="legend-line" /> alarms a week · <span class="legend-asked" /> false alarms that were
        asked for: what lies above it is more than chance
      </figcaption>
    </figure>
  );
}

interface Scales {
  readonly x: (sensitivity: number) => number;
  readonly y: (perWeek: number) => number;
  /** Powers of ten within the height. */
  readonly decades: readonly number[];
  /** Where as many alarms as were asked for lie within both. */
  readonly asked: { readonly from: number; readonly to: number };
}

function scalesFor(points: readonly SensitivityPoint[], others: readonly number[]): Scales {
  const sensitivities = [...SENSITIVITIES, ...others, ...points.map(({ sensitivity }) => sensitivity)];
  const lowX = Math.log10(Math.min(...sensitivities));
  const highX = Math.log10(Math.max(...sensitivities));
  const told = points.map(({ alarmsPerWeek }) => alarmsPerWeek).filter((value) => value > 0);
  const lowY = Math.floor(Math.log10(Math.min(0.1, ...told)));
  const highY = Math.ceil(Math.log10(Math.max(SENSITIVITIES.at(-1)!, ...told)));
  const height = HEIGHT - TOP - BOTTOM;
  const clamped = (value: number) => Math.min(highY, Math.max(lowY, value));
  return {
    x: (value) => LEFT + ((Math.log10(value) - lowX) / (highX - lowX)) * (WIDTH - LEFT - RIGHT),
    // No alarm at all lies on the floor.
    y: (value) => TOP + (1 - (clamped(Math.log10(value)) - lowY) / (highY - lowY)) * height,
    asked: { from: 10 ** Math.max(lowX, lowY), to: 10 ** Math.min(highX, highY) },
    decades: Array.from({ length: highY - lowY + 1 }, (_, at) => 10 ** (lowY + at)),
  };
}
