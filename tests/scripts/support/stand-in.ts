import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import process from 'node:process';

/** What a command does instead of what it does by itself; the first rule that fits counts. */
export interface Rule {
  /** Regular expression over `gcloud --project=… run deploy …`. */
  readonly match: string;
  /** Written to the file that curl's --output names. */
  readonly body?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exit?: number;
  /** Only so often; without it always. */
  readonly times?: number;
  /** Signal for the script that called. */
  readonly killParent?: NodeJS.Signals;
}

export interface Service {
  readonly revisions: readonly { revision: string; image: string }[];
  readonly traffic: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly environment: readonly string[];
}
export type Services = Readonly<Record<string, Service>>;

/**
 * What the tools of STAND_IN_TOOLS are in PATH: asks the test's process, since starting Node.js for each of some
 * thousand calls would take most of the time. Ends with the exit code that it is told.
 */
export const STAND_IN_COMMAND = `#!/usr/bin/env bash
exec 3<>"/dev/tcp/127.0.0.1/$STAND_IN_PORT"
# As gcloud and bq do: whoever writes into the pipe must find a reader.
piped=
case "\${0##*/} $* " in *' --data-file=-'* | 'bq '*' query --use_legacy_sql=false ') piped=$(cat) ;; esac
{ printf '%s\\037' "$PPID" "$piped" "\${0##*/}" "$@"; printf '\\036'; } >&3
IFS= read -r -d $'\\036' code <&3
IFS= read -r -d $'\\036' errors <&3
IFS= read -r -d $'\\036' output <&3
printf '%s' "$errors" >&2
printf '%s' "$output"
exit "$code"
`;

export const STAND_IN_TOOLS = ['gcloud', 'docker', 'bq', 'curl', 'terraform'];

interface State {
  readonly revisions: { revision: string; image: string | undefined }[];
  traffic: Record<string, number>;
  readonly tags: Record<string, string>;
  readonly environment: string[];
}

interface Answer {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const said = (stdout = '', exit = 0, stderr = ''): Answer => ({ exit, stdout, stderr });

/**
 * Stands in for gcloud, docker, bq, curl and terraform. Notes every call, follows the rules first, and otherwise keeps
 * a small model of Cloud Run, so that a test can ask where the traffic is in the end.
 */
export class StandIn {
  readonly commands: string[][] = [];
  /** What was piped into the calls that read a pipe, in order. */
  readonly piped: string[] = [];
  readonly #rules: { rule: Rule; left: number }[];
  readonly #services: Record<string, State>;
  readonly #server: Server;

  private constructor(rules: readonly Rule[], services: Services) {
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
    this.#services = structuredClone(services) as Record<string, State>;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens on a port of its own. */
  static async start(rules: readonly Rule[], services: Services): Promise<StandIn> {
    const one = new StandIn(rules, services);
    await new Promise<void>((resolve) => one.#server.listen(0, '127.0.0.1', resolve));
    return one;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get services(): Services {
    return this.#services as Services;
  }

  stop(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let asked = '';
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      asked += text;
      if (!asked.endsWith('\x1e')) return;
      const [parent = '', piped = '', ...words] = asked.slice(0, -2).split('\x1f');
      if (piped !== '') this.piped.push(piped);
      const { exit, stdout, stderr } = this.#call(words, Number(parent));
      socket.end(`${exit}\x1e${stderr}\x1e${stdout}\x1e`);
    });
  }

  #call(words: string[], parent: number): Answer {
    this.commands.push(words);
    const line = words.join(' ');
    const found = this.#rules.find(({ rule, left }) => new RegExp(rule.match).test(line) && left > 0);
    if (found === undefined) return this.#answer(words, line);
    found.left -= 1;
    const { body, stdout, stderr, killParent, exit = 0 } = found.rule;
    if (body !== undefined) writeFileSync(outputOf(words), body);
    if (killParent !== undefined) process.kill(parent, killParent);
    const lineOf = (text: string | undefined) => (text === undefined ? '' : `${text}\n`);
    return said(lineOf(stdout), exit, lineOf(stderr));
  }

  #answer(words: readonly string[], line: string): Answer {
    const tool = words[0];
    if (tool === 'gcloud' && / run (services (describe|update|update-traffic)|deploy) /.test(`${line} `)) {
      return this.#cloudRun(words);
    }
    if (tool === 'gcloud' && line.includes('print-identity-token')) return said('a.token.signed\n');
    if (tool === 'gcloud' && line.includes('projectNumber')) return said('123456789012\n');
    if (tool === 'gcloud' && line.includes('get-value account')) return said('me@example.com\n');
    if (tool === 'gcloud' && line.includes('secrets versions access')) {
      return said('read:aaaaaaaaaaaa,write:bbbbbbbbbbbb');
    }
    if (tool === 'bq' && line.includes('COUNT(*)')) return said('found\n1\n');
    if (tool === 'docker' && line.includes('image inspect')) {
      return said(`${words.at(-1)!.replace(/:[^:/]*$/, '')}@sha256:${'d'.repeat(64)}\n`);
    }
    return tool === 'curl' ? answerHttp(words) : said();
  }

  #cloudRun(words: readonly string[]): Answer {
    const after = words.includes('deploy') ? 'deploy' : words[words.indexOf('services') + 1]!;
    const name = words[words.indexOf(after) + 1]!;
    const isNew = this.#services[name] === undefined;
    if (isNew && after !== 'deploy') return said('', 1, `ERROR: Cannot find service [${name}]\n`);
    this.#services[name] ??= { revisions: [], traffic: {}, tags: {}, environment: [] };
    const service = this.#services[name];
    if (after === 'describe') return said(JSON.stringify(describe(name, service)));
    if (after === 'update-traffic') moveTraffic(service, words);
    else deploy(name, service, words, isNew);
    return said();
  }
}

const outputOf = (words: readonly string[]) => words[words.indexOf('--output') + 1]!;

const flagValue = (words: readonly string[], flag: string) =>
  words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);

function answerHttp(words: readonly string[]): Answer {
  const url = words.at(-1)!;
  writeFileSync(
    outputOf(words),
    url.includes('/get_anomalies') ? '{"anomalies":[],"next_cursor":null}' : '{}',
  );
  return said(url.endsWith('/metrics') ? '202' : '200');
}

function deploy(name: string, service: State, words: readonly string[], isNew: boolean): void {
  const revision = `${name}-${String(service.revisions.length + 1).padStart(5, '0')}-abc`;
  service.revisions.push({ revision, image: flagValue(words, '--image') });
  if (!words.includes('--no-traffic') || isNew) service.traffic = { [revision]: 100 };
  for (const flag of ['--set-env-vars', '--set-secrets']) {
    service.environment.push(...(flagValue(words, flag) ?? '').split(',').filter((one) => one !== ''));
  }
}

function moveTraffic(service: State, words: readonly string[]): void {
  const revisions = flagValue(words, '--to-revisions');
  if (revisions !== undefined) {
    service.traffic = Object.fromEntries(
      revisions.split(',').map((one) => [one.split('=')[0], Number(one.split('=')[1])]),
    );
  }
  if (words.includes('--to-latest')) service.traffic = { [service.revisions.at(-1)!.revision]: 100 };
  const [tag, tagged] = flagValue(words, '--update-tags')?.split('=') ?? [];
  if (tag !== undefined && tagged !== undefined) service.tags[tag] = tagged;
  delete service.tags[flagValue(words, '--remove-tags') ?? ''];
}

/** The parts of Cloud Run's answer that are read, in its own shape. */
function describe(name: string, { revisions, traffic, tags, environment }: State) {
  const env = environment.map((one) => ({ name: one.split('=')[0] }));
  const { revision, image } = revisions.at(-1)!;
  return {
    status: {
      url: `https://${name}-xyz-uc.a.run.app`,
      latestCreatedRevisionName: revision,
      traffic: [
        ...Object.entries(traffic).map(([revisionName, percent]) => ({ revisionName, percent })),
        ...Object.entries(tags).map(([tag, revisionName]) => ({
          revisionName,
          tag,
          url: `https://${tag}---${name}-xyz-uc.a.run.app`,
        })),
      ],
    },
    spec: { template: { spec: { containers: [{ env, image }] } } },
  };
}
