// Writes ../assets/graphiql.js, ../assets/graphiql.css and ../assets/LICENSES.txt from the versions in package-lock.json.
import { build } from 'esbuild';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, '..', 'assets');

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { graphiql: 'graphiql.js' },
  outdir: assets,
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'Vendor',
  target: ['es2022'],
  mainFields: ['module', 'main'],
  define: { 'process.env.NODE_ENV': '"production"' },
  alias: { 'react-style-singleton': './style-singleton.js' },
  legalComments: 'none',
  metafile: true,
});

/** The package folders that the bundle really holds code of, each once. */
function packagesOf(inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const match = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
    if (match) folders.add(match[1]);
  }
  return [...folders].sort();
}

/** The license file of a package, or the whole of what its package.json says about it. */
function licenseText(folder, manifest) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file) return readFileSync(join(folder, file), 'utf8').trim();
  const author = typeof manifest.author === 'object' ? manifest.author.name : manifest.author;
  return `(The package has no license file. Its manifest says: ${manifest.license}${author ? `, by ${author}` : ''}.)`;
}

const used = Object.values(metafile.outputs).flatMap((output) =>
  Object.entries(output.inputs).filter(([, part]) => part.bytesInOutput > 0));
const entries = packagesOf(Object.fromEntries(used)).map((folder) => {
  const path = join(here, folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  return { name: manifest.name, version: manifest.version, license: manifest.license, text: licenseText(path, manifest) };
});

const list = entries.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n');
const texts = entries.map(({ name, version, text }) => `${'-'.repeat(78)}\n${name} ${version}\n\n${text}\n`).join('\n');
writeFileSync(
  join(assets, 'LICENSES.txt'),
  `graphiql.js and graphiql.css are built from the packages below, unchanged but for minifying.\n\n${list}\n\n${texts}`.replace(/\r\n/g, '\n').replace(/[ \t]+$/gm, ''),
);

for (const name of ['graphiql.js', 'graphiql.css']) {
  const text = readFileSync(join(assets, name), 'utf8');
  if (text.includes('sourceMappingURL')) throw new Error(`${name} names a source map`);
  console.log(`${name}: ${statSync(join(assets, name)).size} bytes`);
}
console.log(`${entries.length} packages; licenses: ${[...new Set(entries.map(({ license }) => license))].join(', ')}`);
