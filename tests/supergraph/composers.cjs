// Composes subgraphs with the three composers. In: {subgraph: SDL}, on stdin, for each case. Out:
// for each case and composer, {errors, schema}: sentences, and the supergraph as clients see it.
const { readFileSync } = require('node:fs');
const apollo = require('@apollo/composition');
const guild = require('@theguild/federation-composition');
const cosmo = require('@wundergraph/composition');
const { parse, printSchema } = require('graphql');

const COMPOSERS = {
  apollo(subgraphs) {
    const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
    const { schema, errors = [] } = apollo.composeServices(services);
    return { errors, schema: schema && printSchema(schema.toAPISchema().toGraphQLJSSchema()) };
  },
  guild(subgraphs) {
    const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
    const { publicSdl, errors = [] } = guild.composeServices(services);
    return { errors, schema: publicSdl };
  },
  cosmo(subgraphs) {
    const result = cosmo.federateSubgraphs({
      subgraphs: subgraphs.map(({ name, url, sdl }) => ({ name, url, definitions: parse(sdl) })),
      version: cosmo.ROUTER_COMPATIBILITY_VERSION_ONE,
    });
    if (!result.success) return { errors: result.errors };
    return { errors: [], schema: printSchema(result.federatedGraphClientSchema) };
  },
};

const cases = JSON.parse(readFileSync(0, 'utf8'));
const results = cases.map((sdls) => {
  const subgraphs = Object.entries(sdls).map(([name, sdl]) => ({
    name,
    url: `http://${name}.invalid/graphql`,
    sdl,
  }));
  return Object.fromEntries(
    Object.entries(COMPOSERS).map(([name, compose]) => {
      const { errors, schema } = compose(subgraphs);
      return [name, { errors: errors.map((error) => error.message), schema: schema ?? null }];
    }),
  );
});
process.stdout.write(JSON.stringify(results));
