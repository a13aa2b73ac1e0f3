import type { ServerAddress } from './client-settings.js';
import { bodyOf, errorOf, keyHeader, post, request } from './server-client.js';

/** What the API answers of models, as far as it is printed; times are seconds since 1970, null is BigQuery's NULL. */
interface ServerState {
  readonly series: string;
  readonly state: string;
  /** Why there is no model, or none of late. */
  readonly error: string | null;
}

export interface ServerForecast extends ServerState {
  readonly horizon_end: number | null;
  readonly points: readonly {
    readonly time: number;
    readonly expected: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
  }[];
}

export interface ServerExplanation extends ServerState {
  readonly points: readonly {
    readonly time: number;
    readonly part: 'history' | 'forecast';
    readonly value: number | null;
    readonly expected: number | null;
    readonly standard_error: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
    readonly trend: number | null;
    readonly seasonal: Readonly<Record<string, number | null>>;
    readonly holiday: number | null;
    readonly spikes_and_dips: number | null;
    readonly step_changes: number | null;
    readonly residual: number | null;
    readonly words: string;
  }[];
}

export type ServerEvaluation = ServerState & { readonly [name: string]: number | string | null };

export interface ServerModel extends ServerState {
  readonly history_from: number | null;
  readonly history_to: number | null;
  readonly horizon_end: number | null;
  readonly non_seasonal_order: { readonly p: number; readonly d: number; readonly q: number } | null;
  readonly seasonal_periods: readonly string[];
}

export interface ServerAnomaly {
  readonly time: string;
  readonly series: string;
  readonly value: number;
  readonly lower_bound: number | null;
  readonly upper_bound: number | null;
  readonly anomaly_probability: number | null;
  readonly detector: string;
  readonly is_anomaly: boolean;
}

/** The models of a running server, by the name of their series. Rejects with what the server says, an AppError. */
export class ModelClient {
  readonly #server: ServerAddress;
  readonly #name: string;

  constructor(server: ServerAddress, name: string) {
    this.#server = server;
    this.#name = name;
  }

  forecast(minutes: number): Promise<ServerForecast> {
    return this.#get(`${this.#path}/forecast?minutes=${minutes}`);
  }

  explain(minutes: number): Promise<ServerExplanation> {
    return this.#get(`${this.#path}/explain?minutes=${minutes}`);
  }

  evaluate(): Promise<ServerEvaluation> {
    return this.#get(`${this.#path}/evaluate`);
  }

  /** @param options BigQuery's in camelCase; undefined keeps those it has */
  async train(options: Readonly<Record<string, unknown>> | undefined): Promise<ServerModel> {
    const body = options === undefined ? {} : { options };
    const answer = await post(this.#server, `${this.#path}/train`, body);
    if (answer.status !== 200) throw errorOf(answer.status, answer.body);
    return answer.body as ServerModel;
  }

  /** What the model found, newest first, page by page. */
  async *anomalies(probabilityLeast: number | undefined): AsyncGenerator<ServerAnomaly> {
    const query = new URLSearchParams({ series: this.#name, limit: '10000' });
    if (probabilityLeast !== undefined) query.set('min_probability', String(probabilityLeast));
    for (;;) {
      const page = await this.#get<{ anomalies: ServerAnomaly[]; next_cursor: string | null }>(
        `/get_anomalies?${query}`,
      );
      yield* page.anomalies.filter(({ detector }) => detector === 'arima_plus');
      if (page.next_cursor === null) return;
      query.set('cursor', page.next_cursor);
    }
  }

  get #path(): string {
    return `/api/models/${encodeURIComponent(this.#name)}`;
  }

  async #get<T>(path: string): Promise<T> {
    const response = await request(this.#server, path, { headers: keyHeader(this.#server) });
    const body = await bodyOf(response);
    if (!response.ok) throw errorOf(response.status, body);
    return body as T;
  }
}
