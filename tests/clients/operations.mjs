// Posts the operations of a folder as a client does: each NAME.graphql with NAME.variables.json, in the order of their names,
// and each operation of a document in the order in which it stands there. Where a document holds several, its variables stand under their names.
// Usage: node operations.mjs URL OPERATIONS_DIR    (TOKEN in the environment is sent as a bearer token)
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';

const [url, folder] = process.argv.slice(2);
if (!url || !folder) {
  console.error('usage: node operations.mjs URL OPERATIONS_DIR');
  process.exit(2);
}

/** Sends one operation; anything but a GraphQL response is an error. */
async function post(query, operationName, variables) {
  const token = process.env.TOKEN;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, operationName, variables }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  return { status: response.status, bytes: Buffer.byteLength(text), ...JSON.parse(text) };
}

/** What a folder holds, as a list of operations to send. */
function operationsOf(path) {
  const names = readdirSync(path).filter((name) => name.endsWith('.graphql')).map((name) => name.replace(/\.graphql$/, '')).sort();
  return names.flatMap((name) => {
    const query = readFileSync(join(path, `${name}.graphql`), 'utf8');
    const file = join(path, `${name}.variables.json`);
    const variables = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    const definitions = parse(query).definitions.filter(({ kind }) => kind === 'OperationDefinition');
    return definitions.map((definition) => {
      const operationName = definition.name?.value;
      return { name, query, operationName, variables: definitions.length > 1 ? variables[operationName] : variables };
    });
  });
}

const operations = operationsOf(folder);
let answered = 0;
for (const { name, query, operationName, variables } of operations) {
  const start = performance.now();
  const { status, bytes, data, errors = [] } = await post(query, operationName, variables);
  const took = Math.round(performance.now() - start);
  const isAnswered = status === 200 && errors.length === 0;
  answered += Number(isAnswered);
  const empty = Object.entries(data ?? {}).filter(([, value]) => value === null).map(([key]) => key);
  const remark = empty.length ? `, null: ${empty.join(' ')}` : '';
  console.log(`${isAnswered ? 'ok    ' : 'not ok'} ${name} ${operationName ?? ''}: ${status}, ${bytes} bytes, ${took} ms${remark}`);
  for (const { message, path, extensions } of errors) console.log(`       ${extensions?.code ?? 'no code'} at ${path?.join('.') ?? '-'}: ${message}`);
}

console.log(`${answered} of ${operations.length} operations answered without errors`);
process.exitCode = answered === operations.length && answered > 0 ? 0 : 1;
