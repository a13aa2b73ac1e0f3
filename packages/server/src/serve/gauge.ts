import { Gauge, type Registry } from 'prom-client';

/** How many series are known, and how many may be. */
export function describeSeries(registry: Registry, count: () => number, limit: number): void {
  gauge(registry, 'seismo_series', 'Series known.', count);
  gauge(registry, 'seismo_series_limit', 'Series allowed.', () => limit);
}

/** A number that is read when somebody asks; left out while it is not known. */
export function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | undefined | Promise<number | undefined>,
): void {
  registry.removeSingleMetric(name);
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const value = await read();
      if (value === undefined) this.reset();
      else this.set(value);
    },
  });
}
