/**
 * Answers questions about a Cloud Run service from the JSON of `gcloud run services describe --format=json` on
 * standard input, each an argument, one line each. Fails where an answer is not there, so that no script goes on with
 * an empty name.
 *
 *   traffic       who gets the traffic, as `--to-revisions` takes it: seismo-00001-abc=100
 *   url           address of the service
 *   url:TAG       address of the revision with that tag
 *   revision:TAG  its name
 *   newest        name of the newest revision, with traffic or without
 *   image         what the service names as its image: that of the newest revision
 *   keys          `yes` where the service checks API keys, otherwise `no`
 */
import process from 'node:process';
import { text } from 'node:stream/consumers';

function answer(asked, { status = {}, spec = {} }) {
  const [question, argument] = asked.split(':');
  const traffic = status.traffic ?? [];
  const tagged = traffic.find(({ tag }) => tag === argument);
  const container = spec.template?.spec?.containers?.[0] ?? {};
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
    case 'newest':
      return status.latestCreatedRevisionName;
    case 'image':
      return container.image;
    case 'keys':
      return container.env?.some(({ name }) => name === 'SEISMO_API_KEYS') ? 'yes' : 'no';
    default:
      throw new Error(`there is no question "${question}"`);
  }
}

const service = JSON.parse(await text(process.stdin));
for (const asked of process.argv.slice(2)) {
  const found = answer(asked, service) ?? '';
  if (found === '' || found.includes('undefined')) {
    console.error(`read-service: the service has no ${asked}.`);
    process.exitCode = 1;
  }
  console.log(found);
}
