import type { AnomalyItem, JudgedSample } from '@seismo/server/serve/schemas';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One connection to /api/live that keeps every event it got. */
export interface LiveReader {
  readonly status: number;
  readonly events: EventSourceMessage[];
  /** All samples of all `samples` events so far. */
  samples(): JudgedSample[];
  /** All of all `anomalies` events so far. */
  anomalies(): AnomalyItem[];
  /** Waits until the events so far satisfy this. */
  until(satisfied: (reader: LiveReader) => boolean): Promise<void>;
  /** True once the server has ended the stream. */
  readonly ended: boolean;
  close(): void;
}

export async function openLive(
  url: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<LiveReader> {
  const abort = new AbortController();
  const answer = await fetch(`${url}/api/live${query}`, { headers, signal: abort.signal });
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  let ended = false;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  };
  read()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  const reader: LiveReader = {
    status: answer.status,
    events,
    samples: () =>
      events
        .filter((event) => event.event === 'samples')
        .flatMap((event) => (JSON.parse(event.data) as { samples: JudgedSample[] }).samples),
    anomalies: () =>
      events
        .filter((event) => event.event === 'anomalies')
        .flatMap((event) => (JSON.parse(event.data) as { anomalies: AnomalyItem[] }).anomalies),
    until: async (satisfied) => {
      while (!satisfied(reader)) {
        if (ended) throw new Error(`The stream ended after ${events.length} events.`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    get ended() {
      return ended;
    },
    close: () => abort.abort(),
  };
  return reader;
}
