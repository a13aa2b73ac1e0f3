import { createServer } from 'node:http';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/**
 * What the services on Google Cloud call, answering at once and keeping nothing: Pub/Sub's Publish, BigQuery's
 * AppendRows, queries without rows, and the public keys of a token. So that a benchmark measures the services alone.
 */
export async function startGoogleStandIns() {
  const grpc = await startGrpc();
  const identity = await createIdentity();
  const http = createServer((request, answer) => {
    const body = request.url === '/keys' ? identity.keys : bigQueryAnswer(request);
    request.resume();
    answer.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${http.address().port}`;
  return {
    env: {
      METADATA_SERVER_DETECTION: 'none',
      PUBSUB_EMULATOR_HOST: grpc.address,
      SEISMO_BIGQUERY_WRITE_ENDPOINT: grpc.address,
      BIGQUERY_EMULATOR_HOST: `${origin}/bigquery/v2`,
      SEISMO_JWKS_URL: `${origin}/keys`,
    },
    /** The header of a push or of a job that goes to this address. */
    authorization: identity.authorization,
    stop() {
      grpc.server.forceShutdown();
      http.closeAllConnections();
      http.close();
    },
  };
}

/** Messages are passed as bytes: the answers are short enough to write them down. */
const asBytes = { requestDeserialize: (bytes) => bytes, responseSerialize: (bytes) => bytes };
/** PublishResponse with one message id, "1". */
const PUBLISHED = Buffer.from([0x0a, 1, 0x31]);
/** AppendRowsResponse with an empty append_result. */
const APPENDED = Buffer.from([0x0a, 0]);

async function startGrpc() {
  const server = new Server();
  const publish = {
    path: '/google.pubsub.v1.Publisher/Publish',
    requestStream: false,
    responseStream: false,
  };
  const append = {
    path: '/google.cloud.bigquery.storage.v1.BigQueryWrite/AppendRows',
    requestStream: true,
    responseStream: true,
  };
  server.addService(
    { publish: { ...publish, ...asBytes }, append: { ...append, ...asBytes } },
    {
      publish: (_call, answer) => answer(null, PUBLISHED),
      append(call) {
        call.on('data', () => call.write(APPENDED));
        call.on('end', () => call.end());
      },
    },
  );
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, address: `127.0.0.1:${port}` };
}

function bigQueryAnswer({ method, url }) {
  if (url.includes('/datasets/')) return { location: 'us-central1' };
  const jobReference = { projectId: 'bench', jobId: 'job', location: 'us-central1' };
  if (method === 'POST') return { jobReference, status: { state: 'DONE' } };
  return { jobReference, jobComplete: true, schema: { fields: [] }, totalRows: '0' };
}

async function createIdentity() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const header = { alg: 'RS256', kid: 'bench' };
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] },
    async authorization(account, audience) {
      const token = new SignJWT({ email: account, email_verified: true })
        .setProtectedHeader(header)
        .setIssuer('https://accounts.google.com')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('1h');
      return `Bearer ${await token.sign(privateKey)}`;
    },
  };
}
