#!/usr/bin/env node
/**
 * Stands in for gcloud, docker, bq or curl: which one follows from the name it is called by. Notes every call in
 * $STAND_IN/calls, follows the rules of $STAND_IN/rules.json first, and otherwise keeps a small model of Cloud Run in
 * $STAND_IN/services.json, so that a test can ask where the traffic is in the end.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const folder = process.env.STAND_IN ?? '.';
const tool = basename(process.argv[1]);
const words = process.argv.slice(2);
const line = [tool, ...words].join(' ');
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const write = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value));
const flagValue = (flag) => words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);

appendFileSync(join(folder, 'calls'), `${JSON.stringify([tool, ...words])}\n`);
// As gcloud does: whoever writes into the pipe must find a reader.
if (line.includes('--data-file=-')) writeFileSync(join(folder, 'piped'), await text(process.stdin));
process.exitCode = followRule() ?? answer();

/** @returns {number | undefined} the exit code, where a rule fits */
function followRule() {
  const rules = read('rules.json');
  const rule = rules.find(({ match, times }) => new RegExp(match).test(line) && times !== 0);
  if (rule === undefined) return undefined;
  if (rule.times !== undefined) {
    rule.times -= 1;
    write('rules.json', rules);
  }
  if (rule.body !== undefined) writeFileSync(words[words.indexOf('--output') + 1], rule.body);
  if (rule.stdout !== undefined) process.stdout.write(`${rule.stdout}\n`);
  if (rule.stderr !== undefined) process.stderr.write(`${rule.stderr}\n`);
  if (rule.killParent !== undefined) process.kill(process.ppid, rule.killParent);
  return rule.exit ?? 0;
}

function answer() {
  if (tool === 'gcloud' && / run (services (describe|update|update-traffic)|deploy) /.test(` ${line} `))
    return cloudRun();
  if (tool === 'gcloud' && line.includes('print-identity-token')) process.stdout.write('a.token.signed\n');
  if (tool === 'gcloud' && line.includes('projectNumber')) process.stdout.write('123456789012\n');
  if (tool === 'gcloud' && line.includes('get-value account')) process.stdout.write('me@example.com\n');
  if (tool === 'gcloud' && line.includes('secrets versions access')) {
    process.stdout.write('read:aaaaaaaaaaaa,write:bbbbbbbbbbbb');
  }
  if (tool === 'bq' && line.includes('COUNT(*)')) process.stdout.write('found\n1\n');
  if (tool === 'docker' && line.includes('image inspect')) {
    process.stdout.write(`${words.at(-1).replace(/:[^:/]*$/, '')}@sha256:${'d'.repeat(64)}\n`);
  }
  if (tool === 'curl') answerHttp();
  return 0;
}

function answerHttp() {
  const url = words.at(-1);
  const body = url.includes('/get_anomalies') ? '{"anomalies":[],"next_cursor":null}' : '{}';
  writeFileSync(words[words.indexOf('--output') + 1], body);
  process.stdout.write(url.endsWith('/metrics') ? '202' : '200');
}

function cloudRun() {
  const services = read('services.json');
  const after = words.includes('deploy') ? 'deploy' : words[words.indexOf('services') + 1];
  const name = words[words.indexOf(after) + 1];
  const isNew = services[name] === undefined;
  if (isNew && after !== 'deploy') {
    process.stderr.write(`ERROR: Cannot find service [${name}]\n`);
    return 1;
  }
  const service = services[name] ?? { revisions: [], traffic: {}, tags: {}, environment: [] };
  services[name] = service;
  if (after === 'describe') process.stdout.write(JSON.stringify(describe(name, service)));
  else if (after === 'update-traffic') moveTraffic(service);
  else deploy(name, service, isNew);
  write('services.json', services);
  return 0;
}

function deploy(name, service, isNew) {
  const revision = `${name}-${String(service.revisions.length + 1).padStart(5, '0')}-abc`;
  service.revisions.push({ revision, image: flagValue('--image') });
  if (!words.includes('--no-traffic') || isNew) service.traffic = { [revision]: 100 };
  for (const flag of ['--set-env-vars', '--set-secrets']) {
    service.environment.push(...(flagValue(flag) ?? '').split(',').filter((one) => one !== ''));
  }
}

function moveTraffic(service) {
  const revisions = flagValue('--to-revisions');
  if (revisions !== undefined) {
    service.traffic = Object.fromEntries(
      revisions.split(',').map((one) => [one.split('=')[0], Number(one.split('=')[1])]),
    );
  }
  if (words.includes('--to-latest')) service.traffic = { [service.revisions.at(-1).revision]: 100 };
  const [tag, tagged] = flagValue('--update-tags')?.split('=') ?? [];
  if (tag !== undefined) service.tags[tag] = tagged;
  delete service.tags[flagValue('--remove-tags') ?? ''];
}

/** The parts of Cloud Run's answer that are read, in its own shape. */
function describe(name, { revisions, traffic, tags, environment }) {
  const env = environment.map((one) => ({ name: one.split('=')[0] }));
  const { revision, image } = revisions.at(-1);
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
