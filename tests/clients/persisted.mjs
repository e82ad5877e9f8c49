// Asks by hash as Apollo Client does: the hash first, the text when it is not known, and the hash alone from then on.
// Usage: node persisted.mjs URL
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createHash } from 'node:crypto';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node persisted.mjs URL');
  process.exit(2);
}

/** What went over the wire: method, whether the text was there, status, and what names the answer. */
const sent = [];
async function noting(target, options) {
  const method = options?.method ?? 'GET';
  const hasText = method === 'GET' ? new URL(target).searchParams.has('query') : 'query' in JSON.parse(options.body);
  const response = await fetch(target, options);
  sent.push({ method, hasText, status: response.status, etag: response.headers.get('etag'), cache: response.headers.get('cache-control'), url: String(target) });
  return response;
}

/** A client that remembers nothing of what others have learned. */
function client() {
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    useGETForHashedQueries: true,
  });
  const link = ApolloLink.from([persisted, new HttpLink({ uri: url, fetch: noting })]);
  return new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: { fetchPolicy: 'network-only' } } });
}

let failures = 0;
/** Prints what was expected and whether it came. */
function expect(what, holds) {
  console.log(`${holds ? 'ok      ' : 'FAILED  '}${what}`);
  failures += holds ? 0 : 1;
}

const query = gql`query Regions($first: Int) { regions { code name } courses(first: $first) { nodes { code title } } }`;
const first = await client().query({ query, variables: { first: 3 } });
expect('the answer is there', first.data?.courses.nodes.length === 3);
expect('the hash was tried first, then the text', sent.map(({ hasText }) => hasText).join() === 'false,true');
expect('the text was answered', sent[1].status === 200);
const second = await client().query({ query, variables: { first: 3 } });
expect('another client needs the hash only', sent.length === 3 && !sent[2].hasText && sent[2].method === 'GET');
expect('and has the same answer', JSON.stringify(second.data) === JSON.stringify(first.data));
expect('which may be kept between', sent[2].etag !== null && sent[2].cache.startsWith('public'));
const again = await fetch(sent[2].url, { headers: { accept: 'application/graphql-response+json,application/json;q=0.9', 'if-none-match': sent[2].etag } });
expect('and is told to hold still', again.status === 304);
console.log(`${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
