import { API_METHODS, type ApiMethod } from './api.js';

interface Route {
  readonly method: ApiMethod;
  readonly pattern: RegExp;
}

const ROUTES: readonly Route[] = API_METHODS.map((method) => ({
  method,
  pattern: new RegExp(`^${method.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

export interface Match {
  readonly method: ApiMethod;
  readonly path: Readonly<Record<string, string>>;
}

/** The method of the API that a request means, by what comes after /bigquery/v2/. */
export function matchRoute(http: string, path: string): Match | undefined {
  for (const { method, pattern } of ROUTES) {
    if (method.http !== http) continue;
    const found = pattern.exec(path);
    if (found !== null) return { method, path: decoded(found.groups ?? {}) };
  }
  return undefined;
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}
