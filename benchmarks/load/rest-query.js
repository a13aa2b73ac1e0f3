/** Statements over BigQuery's REST API, as its clients send them. */
export function askRest(url, project = 'bench') {
  const base = `${url}/bigquery/v2/projects/${project}`;
  const call = async (method, path, body) => {
    const answer = await fetch(`${base}/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const given = await answer.json();
    // An emulator says with 200 what failed.
    const error =
      given.error ?? given.status?.errorResult ?? given.errors?.find(({ reason }) => reason !== 'warning');
    if (!answer.ok || error !== undefined)
      throw new Error(`${method} ${path}: ${error?.message ?? answer.status}`);
    return given;
  };
  const start = async (sql) => {
    const job = await call('POST', 'jobs', { configuration: { query: { query: sql, useLegacySql: false } } });
    return job.jobReference.jobId;
  };
  /** @type {(sql: string, more?: object) => Promise<{ totalRows: string, jobComplete: boolean }>} */
  const query = async (sql, more = {}) => {
    const answer = await call('POST', 'queries', {
      query: sql,
      useLegacySql: false,
      timeoutMs: 200_000,
      ...more,
    });
    if (answer.jobComplete !== true) throw new Error(`takes too long: ${sql.slice(0, 200)}`);
    return answer;
  };
  return {
    call,
    query,
    /** Runs a statement over and over until it is told to end. */
    keepRunning(sql) {
      let ended = false;
      let jobId;
      const loop = (async () => {
        while (!ended) {
          jobId = await start(sql);
          await call('GET', `queries/${jobId}?maxResults=0&timeoutMs=3600000`).catch((error) => {
            if (!ended) throw error;
          });
        }
      })();
      return {
        async end() {
          ended = true;
          if (jobId !== undefined) await call('POST', `jobs/${jobId}/cancel`, {});
          await loop;
        },
      };
    },
  };
}
