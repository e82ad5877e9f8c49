// Builds the SDL with graphql-js and checks that it explains itself: a description on every definition, and on every
// output field the sentence that says who may read it (of a mutation: who may do it).
// With a URL it also compares the file with what the server answers to introspection.
// Usage: node sdl.mjs SCHEMA_FILE [URL]    (TOKEN in the environment is sent as a bearer token)
import { readFileSync } from 'node:fs';
import {
  buildClientSchema, buildSchema, getIntrospectionQuery, introspectionFromSchema, isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType,
  isObjectType, isSpecifiedDirective, isSpecifiedScalarType, lexicographicSortSchema, printSchema, validateSchema,
} from 'graphql';

const [file, url] = process.argv.slice(2);
if (!file) {
  console.error('usage: node sdl.mjs SCHEMA_FILE [URL]');
  process.exit(2);
}

const failures = [];
const counts = {};

/** Counts one definition of a kind, and holds it to having a description. */
function described(kind, coordinate, { description }) {
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (!description?.trim()) failures.push(`${coordinate} has no description`);
}

/** Holds a field's description to ending with who may read it, or of a mutation, who may do it. */
function tellsItsAudience(coordinate, { description }, words) {
  counts['audiences named'] = (counts['audiences named'] ?? 0) + 1;
  if (!new RegExp(`(^|\\s)${words}: [^\\n]+\\.$`).test(description?.trim() ?? '')) {
    failures.push(`${coordinate} does not end with "${words}: ...": ${JSON.stringify(description ?? null)}`);
  }
}

/** Checks an output field and its arguments. */
function checkField(type, field) {
  const coordinate = `${type.name}.${field.name}`;
  described('fields', coordinate, field);
  tellsItsAudience(coordinate, field, type === schema.getMutationType() ? 'Allowed for' : 'Visible to');
  for (const argument of field.args) described('arguments', `${coordinate}(${argument.name}:)`, argument);
}

/** Checks a type and all it holds. */
function checkType(type) {
  described('types', type.name, type);
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) checkField(type, field);
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) described('input fields', `${type.name}.${field.name}`, field);
  } else if (isEnumType(type)) {
    for (const value of type.getValues()) described('enum values', `${type.name}.${value.name}`, value);
  }
}

// The schema as a whole has no description, for which the library answers a constant of its own: it is not asked for.
const introspection = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true };

/** A schema as clients see it by introspection: without applied directives, in sorted order. */
function asSeenByClients(data) {
  return printSchema(lexicographicSortSchema(buildClientSchema(data)));
}

/** Asks the server for its schema as a tool would. */
async function introspect(address) {
  const token = process.env.TOKEN;
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: getIntrospectionQuery(introspection) }),
  });
  const { data, errors } = await response.json();
  if (!data?.__schema) throw new Error(`no schema in the answer (${response.status}): ${JSON.stringify(errors ?? data)}`);
  return data;
}

/** The first line in which two texts differ, for a report that can be acted on. */
function firstDifference(expected, actual) {
  const [left, right] = [expected.split('\n'), actual.split('\n')];
  const line = left.findIndex((text, index) => text !== right[index]);
  return line < 0 ? `${right[left.length]} is not in the file` : `the file has "${left[line]}", the server "${right[line] ?? ''}"`;
}

const schema = buildSchema(readFileSync(file, 'utf8'));
failures.push(...validateSchema(schema).map(({ message }) => message));
const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
types.forEach(checkType);
for (const directive of schema.getDirectives().filter((known) => !isSpecifiedDirective(known))) {
  described('directives', `@${directive.name}`, directive);
  for (const argument of directive.args) described('arguments', `@${directive.name}(${argument.name}:)`, argument);
}

if (url) {
  const expected = asSeenByClients(introspectionFromSchema(schema, introspection));
  const actual = asSeenByClients(await introspect(url));
  if (expected === actual) console.log(`introspection of ${url} is the file`);
  else failures.push(`introspection differs: ${firstDifference(expected, actual)}`);
}

for (const failure of failures) console.log(`not ok  ${failure}`);
console.log(Object.entries(counts).map(([kind, count]) => `${count} ${kind}`).join(', '));
console.log(`${failures.length} failures in ${file}`);
process.exitCode = failures.length === 0 && types.length > 0 ? 0 : 1;
