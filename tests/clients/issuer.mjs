// Plays an identity provider: makes keys, mints tokens with the library jose, and serves its JWK set. Used by the tests, which drive it over HTTP.
// Prints its port; ends when its standard input does.
// Usage: node issuer.mjs
import { createServer } from 'node:http';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

const keys = new Map();
let served = () => JSON.stringify({ keys: [...keys.values()].map(({ jwk }) => jwk) });
const jwks = served;
let mode = 'ok';
let asked = 0;

/** Makes a key pair of an algorithm under a name. */
async function makeKey({ alg, kid, bits }) {
  // The library refuses to make RSA keys that are too small.
  const { publicKey, privateKey } = bits
    ? generateKeyPairSync('rsa', { modulusLength: bits })
    : await generateKeyPair(alg, { extractable: true });
  keys.set(kid, { alg, bits, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
}

/** Mints a token with the key of that name. */
async function mint({ kid, header, claims }) {
  const { alg, bits, privateKey } = keys.get(kid);
  const full = { alg, kid, typ: 'at+jwt', ...header };
  if (!bits) return new SignJWT(claims).setProtectedHeader(full).sign(privateKey);
  const signed = [full, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
}

/** What each address does; the text of the answer. */
const acts = {
  'POST /key': async (body) => (await makeKey(body), ''),
  'POST /forget': async ({ kid }) => (keys.delete(kid), ''),
  'POST /mint': mint,
  'POST /spki': ({ kid }) => exportSPKI(keys.get(kid).publicKey),
  'POST /mode': async (body) => ((mode = body.mode), ''),
  'POST /set': async (body) => ((served = () => JSON.stringify(body)), ''),
  'POST /reset': async () => ((served = jwks), ''),
  'GET /set': async () => jwks(),
  'GET /asked': async () => `${asked}`,
};

/** Serves the JWK set, well or badly. */
function serveKeys(response) {
  asked += 1;
  if (mode === 'fail') return response.writeHead(503).end();
  if (mode === 'redirect') return response.writeHead(302, { location: '/elsewhere' }).end();
  if (mode === 'text') return response.end('not found');
  if (mode === 'long') return response.end(served() + ' '.repeat(70_000));
  if (mode === 'silent') return undefined;
  return response.end(served());
}

createServer(async (request, response) => {
  if (request.url === '/keys') return serveKeys(response);
  if (request.url === '/elsewhere') return response.end(served());
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  response.end(await acts[`${request.method} ${request.url}`](body && JSON.parse(body)));
}).listen(0, '127.0.0.1', function listening() {
  console.log(this.address().port);
});
process.stdin.resume().on('end', () => process.exit());
