// Composes the supergraph from a configuration in Rover's format:
//   node compose.js [supergraph.yaml] [supergraph.graphql]
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import YAML from 'yaml';

const SECONDS = 30;

async function main(configPath = 'supergraph.yaml', outPath = 'supergraph.graphql') {
  const config = YAML.parse(expanded(await readFile(configPath, 'utf8')));
  const services = await Promise.all(
    Object.entries(config.subgraphs).map(async ([name, subgraph]) => ({
      name,
      url: subgraph.routing_url,
      typeDefs: parse(await sdlOf(name, subgraph.schema, dirname(configPath))),
    })),
  );
  const { supergraphSdl, errors } = composeServices(services);
  if (errors) throw new Error(errors.map((error) => error.message).join('\n'));
  // A gateway that watches the file must not see half of it: Hive Gateway would end.
  await writeFile(`${outPath}.new`, supergraphSdl);
  await rename(`${outPath}.new`, outPath);
  console.log(`${outPath}: ${services.map(({ name, url }) => `${name} at ${url}`).join(', ')}`);
}

function expanded(text) {
  return text.replace(/\$\{env\.(\w+)\}/g, (_, name) => {
    const value = process.env[name] ?? '';
    if (!value && name.endsWith('_URL')) throw new Error(`Set ${name}`);
    return value;
  });
}

async function sdlOf(name, { file, subgraph_url: url, introspection_headers: headers }, folder) {
  if (file) return readFile(resolve(folder, file), 'utf8');
  const deadline = Date.now() + SECONDS * 1000;
  for (;;) {
    try {
      return await asked(url, headers);
    } catch (error) {
      // A subgraph that was started together with us may not listen yet.
      const isStarting = error instanceof TypeError && Date.now() < deadline;
      if (!isStarting) throw new Error(`${name}: ${error.cause?.message || error.message}`);
      await new Promise((wake) => setTimeout(wake, 500));
    }
  }
}

async function asked(url, headers) {
  const sent = Object.entries(headers ?? {}).filter(([, value]) => value);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...Object.fromEntries(sent) },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`answered ${answer.status} ${text.slice(0, 200)}`);
  return JSON.parse(text).data._service.sdl;
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
