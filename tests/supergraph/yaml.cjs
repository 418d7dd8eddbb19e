// The YAML files given as arguments, as one JSON list.
const { readFileSync } = require('node:fs');
const { parse } = require('yaml');

const files = process.argv.slice(2).map((path) => parse(readFileSync(path, 'utf8')));
process.stdout.write(JSON.stringify(files));
