import { type Backtest, backtest } from '@seismo/engine/evaluation';
import { createMultiViewDetector } from '@seismo/engine/streaming';
import type { BacktestAnswer, BacktestRequest, SensitivityPoint } from '../model/backtest-messages.js';

/** Runs the server's detector over past samples, in a thread of its own so that the page stays quick. */
self.addEventListener('message', ({ data }: MessageEvent<BacktestRequest>) => {
  try {
    answer(data);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    post({ id: data.id, kind: 'failed', message });
  }
});

function answer(request: BacktestRequest): void {
  const { id, chosen, sensitivities } = request;
  const tested = test(request, chosen);
  const { states, alarms: alarmFlags, expected, lower, upper } = tested.replayed;
  const alarms = tested.alarms.map(({ row, lastRow, anomalies, component }) => ({
    row,
    lastRow,
    anomalies,
    component,
  }));
  const verdicts = { states, alarmFlags, expected, lower, upper, alarms };
  post({ id, kind: 'point', point: pointOf(chosen, tested) });
  post(
    { id, kind: 'verdicts', verdicts },
    [states, alarmFlags, expected, lower, upper].map((column) => column.buffer),
  );
  for (const sensitivity of sensitivities) {
    post({ id, kind: 'point', point: pointOf(sensitivity, test(request, sensitivity)) });
  }
}

function test(
  { timesMs, values, timeZone, limits, labels }: BacktestRequest,
  falseAlarmsPerWeek: number,
): Backtest {
  const detector = createMultiViewDetector({ timeZone, falseAlarmsPerWeek, ...limits });
  return backtest(detector, { timesMs, values }, labels ?? undefined);
}

function pointOf(sensitivity: number, tested: Backtest): SensitivityPoint {
  const { alarms, alarmsPerWeek, anomalies, weeks, labelled } = tested;
  const point = { sensitivity, alarms: alarms.length, alarmsPerWeek, anomalies, weeks };
  if (labelled === undefined) return { ...point, labelled: null };
  const { windows, hits, falseAlarms, precision, recall } = labelled.events;
  const { emptyLabels, nab } = labelled;
  return { ...point, labelled: { windows, emptyLabels, hits, falseAlarms, precision, recall, nab } };
}

function post(message: BacktestAnswer, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}
