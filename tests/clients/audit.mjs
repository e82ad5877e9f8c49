// Runs every audit of graphql-http against an endpoint. A recommendation that is not met counts as a failure too.
// Usage: node audit.mjs URL    (TOKEN in the environment is sent as a bearer token)
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node audit.mjs URL');
  process.exit(2);
}

/** The fetch that the audits use: the plain one, with the token of the environment where there is one. */
function fetchFn(address, options = {}) {
  const token = process.env.TOKEN;
  const headers = token ? { ...options.headers, authorization: `Bearer ${token}` } : options.headers;
  return fetch(address, { ...options, headers, signal: AbortSignal.timeout(30_000) });
}

/** The status, media type and body of an answer, for the report of a failure. */
async function describe(response) {
  const body = response.bodyUsed ? '(body already read)' : await response.text();
  return `${response.status} ${response.headers.get('content-type') ?? 'no content-type'}\n    ${body}`;
}

const audits = serverAudits({ url, fetchFn });
let passed = 0;
for (const { id, name, fn } of audits) {
  const result = await fn().catch((error) => ({ status: 'fatal', reason: String(error.cause ?? error) }));
  if (result.status === 'ok') {
    passed += 1;
    console.log(`ok    ${id} ${name}`);
  } else {
    console.log(`${result.status.padEnd(5)} ${id} ${name}\n    ${result.reason}`);
    if (result.response) console.log(`    ${await describe(result.response)}`);
  }
}

console.log(`${passed} of ${audits.length} audits passed`);
process.exitCode = passed === audits.length && passed > 0 ? 0 : 1;
