import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { SqlCanvas, type SqlPoint } from '../chart/sql-canvas.js';
import { dayText, fullTime, numberText } from '../model/format.js';
import { isBetterApart, TOGETHER_MOST, timesOf, widest } from '../model/sql-layout.js';
import type { SqlChart as Chart, SqlLine } from '../model/sql-lines.js';
import { entries } from '../state/catalogue.js';
import { hrefTo } from '../state/location.js';

/** So many small charts at first, and so many more each time they are asked for. */
const APART_STEP = 12;
const DIGITS = 7;

interface SqlChartProps {
  readonly chart: Chart;
  readonly choose: (column: string) => void;
  /** What of the result is not here and hence not drawn. */
  readonly isPartial: boolean;
}

/** Numbers of a result by its times: its series on one axis, or each on its own. */
export function SqlChart({ chart, choose, isPartial }: SqlChartProps) {
  const { lines, timeName, isUtc, isDaily } = chart;
  const wanted = useSignal<boolean | null>(null);
  const pointed = useSignal<SqlPoint | null>(null);
  const times = useMemo(() => timesOf(lines), [lines]);
  const isApart = lines.length > 1 && (wanted.value ?? isBetterApart(lines));
  const zone = isUtc ? ' UTC' : '';
  const shown = isDaily ? dayText : fullTime;
  const one = pointed.value;
  return (
    <figure class="sql-chart">
      <figcaption>
        <ColumnChoice chart={chart} choose={choose} />
        <span class="quiet">
          by {timeName}, {shown(times.from, true)} to {shown(times.to, true)}
          {zone}
          {lines[0]!.band !== null && (lines.length === 1 || isApart) && ', with its band'}
          {isPartial && ', of the rows that are shown below'}
        </span>
        {lines.length > 1 && (
          <fieldset class="sql-layout">
            <legend class="hidden">Series are drawn</legend>
            <button
              type="button"
              class="plain"
              aria-pressed={!isApart}
              onClick={() => (wanted.value = false)}
            >
              Together
            </button>
            <button type="button" class="plain" aria-pressed={isApart} onClick={() => (wanted.value = true)}>
              Each by itself
            </button>
          </fieldset>
        )}
      </figcaption>
      {isApart ? (
        <Apart chart={chart} times={times} point={(at) => (pointed.value = at)} />
      ) : (
        <Together chart={chart} point={(at) => (pointed.value = at)} />
      )}
      <p class="sql-pointed">
        {one !== null && lines.includes(one.line) && (
          <>
            <span class="quiet">
              {shown(one.line.time[one.at]!, true)}
              {zone} {one.line.name}
            </span>{' '}
            <b>{numberText(one.line.value[one.at]!, DIGITS)}</b>
            {one.line.isAnomaly[one.at] && <span class="is-anomalous"> anomalous</span>}
          </>
        )}
      </p>
    </figure>
  );
}

function ColumnChoice({ chart, choose }: Pick<SqlChartProps, 'chart' | 'choose'>) {
  const { valueNames, valueName } = chart;
  if (valueNames.length === 1) return <b>{valueName}</b>;
  return (
    <label>
      <span class="quiet">Drawn:</span>{' '}
      <select value={valueName} onChange={(event) => choose(event.currentTarget.value)}>
        {valueNames.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

interface Drawn {
  readonly chart: Chart;
  readonly point: (point: SqlPoint | null) => void;
}

/** As many lines as can be told apart. */
function Together({ chart, point }: Drawn) {
  const { lines } = chart;
  const drawn = useMemo(() => widest(lines, TOGETHER_MOST), [lines]);
  const times = useMemo(() => timesOf(drawn), [drawn]);
  return (
    <>
      {lines.length > 1 && (
        <ul class="sql-legend">
          {drawn.map(({ name }, at) => (
            <li key={name}>
              <span class={`sql-swatch is-${at + 1}`} aria-hidden="true" /> {name}
            </li>
          ))}
          {drawn.length < lines.length && (
            <li class="quiet">
              the {drawn.length} of {lines.length} series that move the most
            </li>
          )}
        </ul>
      )}
      <SqlCanvas lines={drawn} times={times} label={labelOf(chart, drawn)} point={point} />
    </>
  );
}

/** A small chart each, over the same times. */
function Apart({ chart, times, point }: Drawn & { readonly times: ReturnType<typeof timesOf> }) {
  const { lines } = chart;
  const count = useSignal(APART_STEP);
  const each = useMemo(() => lines.map((line) => [line]), [lines]);
  const left = lines.length - count.value;
  return (
    <>
      <ul class="sql-apart">
        {each.slice(0, count.value).map((one) => (
          <li key={one[0]!.name}>
            <LineName name={one[0]!.name} />
            <SqlCanvas
              lines={one}
              times={times}
              label={labelOf(chart, one)}
              point={point}
              class="sql-canvas is-small"
            />
          </li>
        ))}
      </ul>
      {left > 0 && (
        <p class="sql-more">
          <span class="quiet">
            {count.value} of {lines.length} series.
          </span>{' '}
          <button type="button" onClick={() => (count.value += APART_STEP)}>
            Draw {Math.min(left, APART_STEP)} more
          </button>
        </p>
      )}
    </>
  );
}

/** Of a series that the server watches, with the way to its own page. */
function LineName({ name }: { name: string }) {
  if (!entries.value.has(name)) return <b>{name}</b>;
  return <a href={hrefTo({ series: name, sql: null })}>{name}</a>;
}

function labelOf({ valueName, timeName }: Chart, lines: readonly SqlLine[]): string {
  const points = lines.reduce((sum, { value }) => sum + value.filter(Number.isFinite).length, 0);
  const anomalous = lines.reduce((sum, { isAnomaly }) => sum + isAnomaly.filter(Boolean).length, 0);
  const whose = lines.length === 1 && lines[0]!.name !== '' ? ` of ${lines[0]!.name}` : '';
  return (
    `${valueName}${whose} by ${timeName}: ${points} points` +
    (lines.length > 1 ? ` in ${lines.length} series` : '') +
    (anomalous > 0 ? `, ${anomalous} anomalous` : '')
  );
}
