// A service gets a token from Concord's own issuer as any OAuth client does: by its metadata, with private_key_jwt, and asks the endpoint with it.
// Then it sends assertions in each of which one thing is wrong, signed by another library, and expects the errors of RFC 6749.
// Usage: node oauth.mjs ISSUER CLIENT_ID PRIVATE_JWK [NOW]    (NOW: seconds since 1970 by the server's clock)
import * as jose from 'jose';
import * as oidc from 'openid-client';

const [issuer, client, text, now = Math.floor(Date.now() / 1000)] = process.argv.slice(2);
if (!text) {
  console.error('usage: node oauth.mjs ISSUER CLIENT_ID PRIVATE_JWK [NOW]');
  process.exit(2);
}
const jwk = JSON.parse(text);
const at = Number(now);
let failures = 0;

/** Notes whether something is as it must be. */
function check(what, is, told) {
  failures += Number(!is);
  console.log(`${is ? 'ok    ' : 'not ok'} ${what}${is ? '' : `: ${JSON.stringify(told)}`}`);
}

/** Asks the endpoint who asks. */
async function viewer(token) {
  const response = await fetch(`${issuer}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: '{ viewer { kind displayName } }' }),
  });
  return (await response.json()).data?.viewer;
}

// The library's clock is set to the server's, as a client's may be.
const key = { key: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']), kid: jwk.kid };
const skew = { [oidc.clockSkew]: at - Math.floor(Date.now() / 1000) };
const config = await oidc.discovery(new URL(issuer), client, skew, oidc.PrivateKeyJwt(key), {
  algorithm: 'oauth2',
  execute: [oidc.allowInsecureRequests],
});
check('the metadata is found', config.serverMetadata().token_endpoint === `${issuer}/oauth/token`, config.serverMetadata());
const granted = await oidc.clientCredentialsGrant(config);
check('a token is issued for ten minutes', granted.expires_in === 600 && granted.token_type === 'bearer', granted);
const seen = await viewer(granted.access_token);
check('the token is taken', seen?.kind === 'SERVICE', seen);

// Whoever gets a token reads it by the published keys.
const keys = jose.createLocalJWKSet(await (await fetch(config.serverMetadata().jwks_uri)).json());
const { payload, protectedHeader } = await jose.jwtVerify(granted.access_token, keys, {
  issuer,
  audience: issuer,
  typ: 'at+jwt',
  algorithms: ['EdDSA'],
  requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti', 'tenant', 'roles', 'name', 'kind'],
  currentDate: new Date(at * 1000),
});
check('the token is as RFC 9068 says', payload.sub === client && payload.client_id === client && protectedHeader.kid, payload);

/** An assertion, with claims, header or key changed. */
async function assertion({ claims = {}, header = {}, signer = jwk } = {}) {
  const all = { iss: client, sub: client, aud: issuer, iat: at, exp: at + 60, jti: crypto.randomUUID(), ...claims };
  return new jose.SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: jwk.kid, ...header }).sign(await jose.importJWK(signer, 'ES256'));
}

/** Sends a request for a token with the parameters; those that are undefined are left out. */
async function ask(parameters, { headers = {}, append = '' } = {}) {
  const all = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    ...parameters,
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  const body = new URLSearchParams(given).toString() + append;
  const response = await fetch(`${issuer}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, cache: response.headers.get('cache-control'), text, error: text && JSON.parse(text).error };
}

const other = { ...(await jose.exportJWK((await jose.generateKeyPair('ES256', { extractable: true })).privateKey)), kid: jwk.kid };
const used = await assertion();
const bodies = new Set();
const first = await ask({ client_assertion: used });
check('a first use', first.status === 200 && first.cache === 'no-store', first);
for (const [what, changed] of [
  ['a second use', used],
  ['expired', await assertion({ claims: { exp: at - 31 } })],
  ['too long a life', await assertion({ claims: { exp: at + 331 } })],
  ['without an end', await assertion({ claims: { exp: undefined } })],
  ['not yet valid', await assertion({ claims: { nbf: at + 60 } })],
  ['another audience', await assertion({ claims: { aud: 'https://elsewhere.test' } })],
  ['without an audience', await assertion({ claims: { aud: undefined } })],
  ['another issuer', await assertion({ claims: { iss: 'https://elsewhere.test' } })],
  ['another key of the same name', await assertion({ signer: other })],
  ['an unknown key', await assertion({ header: { kid: 'unknown' } })],
  ['an unknown client', await assertion({ claims: { iss: crypto.randomUUID(), sub: crypto.randomUUID() } })],
  ['another known spelling', await assertion({ claims: { iss: client.toUpperCase(), sub: client.toUpperCase() } })],
  ['without a name', await assertion({ claims: { jti: undefined } })],
  ['an access token', await assertion({ header: { typ: 'at+jwt' } })],
  ['an access token of its own', granted.access_token],
  ['no assertion at all', 'nonsense'],
]) {
  const told = await ask({ client_assertion: changed });
  bodies.add(told.text);
  check(what, told.status === 401 && told.error === 'invalid_client' && told.cache === 'no-store', told);
}
check('all of these look the same', bodies.size === 1, [...bodies]);
for (const [what, status, error, parameters, more] of [
  ['for the token endpoint', 200, undefined, { client_assertion: await assertion({ claims: { aud: `${issuer}/oauth/token` } }) }],
  ['for several audiences', 200, undefined, { client_assertion: await assertion({ claims: { aud: ['https://elsewhere.test', issuer] } }) }],
  ['with the client named', 200, undefined, { client_assertion: await assertion(), client_id: client }],
  ['with another client named', 401, 'invalid_client', { client_assertion: await assertion(), client_id: crypto.randomUUID() }],
  ['without an assertion', 401, 'invalid_client', {}],
  ['another sort of assertion', 401, 'invalid_client', { client_assertion: await assertion(), client_assertion_type: 'saml' }],
  ['another grant', 400, 'unsupported_grant_type', { client_assertion: await assertion(), grant_type: 'password' }],
  ['without a grant', 400, 'invalid_request', { client_assertion: await assertion(), grant_type: undefined }],
  ['a scope', 400, 'invalid_scope', { client_assertion: await assertion(), scope: 'everything' }],
  ['a parameter twice', 400, 'invalid_request', { client_assertion: await assertion() }, { append: '&grant_type=client_credentials' }],
  ['JSON', 400, 'invalid_request', { client_assertion: await assertion() }, { headers: { 'content-type': 'application/json' } }],
  ['a password', 401, 'invalid_client', { client_assertion: await assertion() }, { headers: { authorization: 'Basic YTpi' } }],
  ['a long body', 413, 'invalid_request', { client_assertion: await assertion(), x: 'x'.repeat(16 * 1024) }],
]) {
  const told = await ask(parameters, more);
  check(what, told.status === status && told.error === error && told.cache === 'no-store', told);
}
console.log(`${failures} failures`);
process.exitCode = failures ? 1 : 0;
