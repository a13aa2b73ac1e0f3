import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import { SETTINGS } from './settings.js';

/** Which flag or variable gave a setting its value; absent where it has its default. */
export type Sources = Map<keyof Config, string>;

/** Settings that are right each for itself and mean nothing, or harm, together. */
export function refuseWrongCombinations(config: Config, sources: Sources): void {
  if (config.role === 'embedded') refuseCloudSettings(config, sources);
  else refuseEmbeddedFlags(config, sources);
  const { auth, apiKeys, pushAuth, topic, deadLetterTopic, role } = config;
  if (auth === 'iam' && apiKeys.length > 0) {
    throw wrong(sources.get('apiKeys'), 'With --auth iam nobody is asked for a key, and keys are given.', {
      hint: 'Leave the keys out, or leave --auth at keys; Cloud Run may check identities besides.',
    });
  }
  if (pushAuth === 'iam' && sources.has('jwksUrl')) {
    throw wrong(
      sources.get('jwksUrl'),
      'With --push-auth iam no signature is checked, so no keys are read.',
      {
        hint: 'Leave --jwks-url out, or use --push-auth verify.',
      },
    );
  }
  if (role !== 'embedded' && topic === deadLetterTopic) {
    const source = sources.get('deadLetterTopic') ?? sources.get('topic');
    throw wrong(source, `Samples and dead letters cannot share the topic ${topic}.`, {
      hint: 'Dead letters would come back as samples for ever: name another topic with --dead-letter-topic.',
    });
  }
}

function refuseCloudSettings({ onCloudRun }: Config, sources: Sources): void {
  for (const { key, group, flag } of SETTINGS) {
    const source = sources.get(key);
    // Google's own variable is set on many machines for other programs.
    if (source === undefined || group !== 'Google Cloud' || source === 'GOOGLE_CLOUD_PROJECT') continue;
    // An embedded server that runs there can be behind the same check.
    if (key === 'role' || (key === 'auth' && onCloudRun)) continue;
    throw wrong(source, `${source} is for a role on Google Cloud, and this server is embedded.`, {
      hint: `Leave ${source} out, or name the role too, for example --role metrics-api ${flag} ….`,
    });
  }
}

/** Variables are let pass: one image holds them for every role. */
function refuseEmbeddedFlags({ role }: Config, sources: Sources): void {
  for (const { key, flag, embeddedOnly } of SETTINGS) {
    if (embeddedOnly !== true || sources.get(key) !== flag) continue;
    throw wrong(flag, `${flag} is for the embedded server; the role ${role} has no use for it.`, {
      hint: `Leave ${flag} out, or leave --role out to run everything on this machine.`,
    });
  }
}

function wrong(field: string | undefined, message: string, { hint }: { hint: string }): AppError {
  return new AppError('usage', message, field === undefined ? { hint } : { field, hint });
}
