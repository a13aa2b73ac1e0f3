/**
 * Answers one question about a Cloud Run service from the JSON of `gcloud run services describe --format=json` on
 * standard input. Fails where the answer is not there, so that no script goes on with an empty name.
 *
 *   traffic       who gets the traffic, as `--to-revisions` takes it: seismo-00001-abc=100
 *   url           address of the service
 *   url TAG       address of the revision with that tag
 *   revision TAG  its name
 *   keys          `yes` where the service checks API keys, otherwise `no`
 */
import { text } from 'node:stream/consumers';

const [question, argument] = process.argv.slice(2);

function answer({ status = {}, spec = {} }) {
  const traffic = status.traffic ?? [];
  const tagged = traffic.find(({ tag }) => tag === argument);
  switch (question) {
    case 'traffic':
      return traffic
        .filter(({ percent }) => percent > 0)
        .map(({ revisionName, percent }) => `${revisionName}=${percent}`)
        .join(',');
    case 'url':
      return argument === undefined ? status.url : tagged?.url;
    case 'revision':
      return tagged?.revisionName;
    case 'keys': {
      const environment = spec.template?.spec?.containers?.[0]?.env ?? [];
      return environment.some(({ name }) => name === 'SEISMO_API_KEYS') ? 'yes' : 'no';
    }
    default:
      throw new Error(`there is no question "${question}"`);
  }
}

let found = '';
try {
  found = answer(JSON.parse(await text(process.stdin))) ?? '';
} catch (error) {
  console.error(`read-service: ${error.message}`);
}
if (found === '' || found.includes('undefined')) {
  console.error(`read-service: the service has no ${[question, argument].filter(Boolean).join(' ')}.`);
  process.exitCode = 1;
} else {
  console.log(found);
}
