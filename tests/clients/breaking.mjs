// Compares two versions of a schema. A change that breaks clients, or may, is a failure unless it is declared, line by line as it is printed here.
// A narrower audience ("Visible to: …") breaks clients too. A declared change that was not made is a failure: the list tells the truth.
// Usage: node breaking.mjs RELEASED_SCHEMA SCHEMA DECLARED_CHANGES
import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges, findDangerousChanges, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql';

const [released, current, declarations] = process.argv.slice(2);
if (!declarations) {
  console.error('usage: node breaking.mjs RELEASED_SCHEMA SCHEMA DECLARED_CHANGES');
  process.exit(2);
}

/** The audience of each output field, by its coordinate. */
function audiences(schema) {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && (isObjectType(type) || isInterfaceType(type)));
  const fields = types.flatMap((type) => Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field]));
  return new Map(fields.map(([coordinate, { description }]) => [coordinate, description?.match(/(?:Visible to|Allowed for): (.*)\.$/)?.[1] ?? '']));
}

/** Fields whose audience is another than it was. */
function audienceChanges(before, after) {
  const now = audiences(after);
  return [...audiences(before)]
    .filter(([coordinate, audience]) => now.has(coordinate) && now.get(coordinate) !== audience)
    .map(([coordinate, audience]) => `AUDIENCE_CHANGED ${coordinate} was visible to: ${audience}, and is to: ${now.get(coordinate)}.`);
}

const [before, after] = [released, current].map((file) => buildSchema(readFileSync(file, 'utf8')));
const changes = [...findBreakingChanges(before, after), ...findDangerousChanges(before, after)].map(({ type, description }) => `${type} ${description}`);
changes.push(...audienceChanges(before, after));
const lines = readFileSync(declarations, 'utf8').split('\n').map((line) => line.trim());
const declared = new Set(lines.filter((line) => line && !line.startsWith('#')));

const undeclared = changes.filter((change) => !declared.delete(change));
for (const change of undeclared) console.log(`not declared  ${change}`);
for (const change of declared) console.log(`not made      ${change}`);
console.log(`${changes.length} changes that break clients or may, ${undeclared.length} of them not declared`);
process.exitCode = undeclared.length === 0 && declared.size === 0 ? 0 : 1;
