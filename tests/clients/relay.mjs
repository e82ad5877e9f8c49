// Compiles a small Relay client against the SDL: an object by id and a list that it can page through.
// Usage: node relay.mjs SCHEMA_FILE
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import compiler from 'relay-compiler';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node relay.mjs SCHEMA_FILE');
  process.exit(2);
}

const client = `
graphql\`
  query clientQuery($id: ID!) {
    viewer { displayName }
    institution(by: { id: $id }) { ...client_institution }
    ...client_institutions
  }
\`;
graphql\`
  fragment client_institution on Institution { id name region { name } }
\`;
graphql\`
  fragment client_institutions on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" })
  @refetchable(queryName: "clientInstitutionsQuery") {
    institutions(first: $first, after: $after) @connection(key: "client_institutions") { edges { node { ...client_institution } } }
  }
\`;
`;

const folder = mkdtempSync(join(tmpdir(), 'concord-relay-'));
try {
  mkdirSync(join(folder, 'src'));
  copyFileSync(file, join(folder, 'schema.graphql'));
  writeFileSync(join(folder, 'src', 'client.js'), client);
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify({ src: './src', schema: './schema.graphql', language: 'javascript' }));
  const { status, stdout, stderr, error } = spawnSync(compiler, ['relay.config.json'], { cwd: folder, encoding: 'utf8' });
  const artifacts = join(folder, 'src', '__generated__');
  const made = status === 0 ? readdirSync(artifacts).length : 0;
  if (status !== 0) console.log(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
  console.log(`relay-compiler made ${made} artifacts from ${file}`);
  process.exitCode = made > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
