import type { Logger } from '../logger.js';
import { currentTrace } from '../trace-context.js';
import { VERSION } from './version.js';

export interface GcpLogOptions {
  /** Traces are named within it; without it lines carry none. */
  readonly project: string | undefined;
  /** By these Error Reporting tells what fails, and since when. */
  readonly service: string;
  readonly version: string;
}

/** Cloud Run's names of service and revision, or ours. */
export function serviceOf(environment: Readonly<Record<string, string | undefined>>, role = 'seismo') {
  const { K_SERVICE, CLOUD_RUN_JOB, K_REVISION } = environment;
  return { service: K_SERVICE ?? CLOUD_RUN_JOB ?? role, version: K_REVISION ?? VERSION };
}

type Severity = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/**
 * One object a line on standard output, in the words that Cloud Logging and Error Reporting understand. Lines
 * of a request carry its trace, errors their stack.
 */
export function gcpLogger(level: 'info' | 'warn', options: GcpLogOptions): Logger {
  const write = (severity: Severity, fields: object, message: string) => {
    process.stdout.write(`${JSON.stringify(gcpRecord(severity, fields, message, options))}\n`);
  };
  return {
    debug() {},
    info: (fields, message) => {
      if (level === 'info') write('INFO', fields, message);
    },
    warn: (fields, message) => write('WARNING', fields, message),
    error: (fields, message) => write('ERROR', fields, message),
  };
}

/** The object of one line. */
export function gcpRecord(
  severity: Severity,
  fields: object,
  message: string,
  options: GcpLogOptions,
): Record<string, unknown> {
  const { err, ...rest } = fields as { err?: unknown };
  const fault = err instanceof Error ? err : undefined;
  const reported = severity === 'ERROR' || severity === 'CRITICAL';
  return {
    ...(fault === undefined && err !== undefined ? { error: String(err) } : {}),
    ...(reported ? reportedError(fault, rest, options) : {}),
    ...rest,
    severity,
    time: new Date().toISOString(),
    message: fault === undefined ? message : `${message} ${fault.message}`,
    ...traceFields(options.project),
  };
}

/**
 * Error Reporting groups by the stack, and what has none (a job of BigQuery's that failed) by the place named here:
 * the event. A warning with a stack is no error and stays out of it.
 */
function reportedError(fault: Error | undefined, fields: object, { service, version }: GcpLogOptions) {
  const { method, path, event } = fields as { method?: string; path?: string; event?: string };
  const context = {
    ...(method === undefined ? {} : { httpRequest: { method, url: path ?? '' } }),
    ...(fault === undefined ? { reportLocation: { functionName: event ?? service } } : {}),
  };
  return {
    '@type': 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
    serviceContext: { service, version },
    ...(fault === undefined ? {} : { stack_trace: stackOf(fault) }),
    ...(Object.keys(context).length === 0 ? {} : { context }),
  };
}

const CAUSES_MAX = 5;

/** With the stacks of what caused it: the outermost alone often says only that something failed. */
function stackOf(fault: Error): string {
  const stacks: string[] = [];
  for (let one: unknown = fault; one instanceof Error && stacks.length < CAUSES_MAX; one = one.cause) {
    stacks.push(one.stack ?? String(one));
  }
  return stacks.join('\nCaused by: ');
}

function traceFields(project: string | undefined): object {
  const trace = currentTrace();
  if (trace === undefined || project === undefined) return {};
  return {
    'logging.googleapis.com/trace': `projects/${project}/traces/${trace.traceId}`,
    ...(trace.spanId === undefined ? {} : { 'logging.googleapis.com/spanId': trace.spanId }),
    'logging.googleapis.com/trace_sampled': trace.sampled,
  };
}
