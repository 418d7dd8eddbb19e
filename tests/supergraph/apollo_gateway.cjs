// @apollo/gateway behind Apollo Server: `apollo_gateway.cjs <supergraph.graphql>` listens on PORT.
// ROUTER_SECRET and OWNERS_SECRET go to their subgraphs.
const { readFileSync } = require('node:fs');
const { ApolloGateway, RemoteGraphQLDataSource } = require('@apollo/gateway');
const { ApolloServer } = require('@apollo/server');
const { startStandaloneServer } = require('@apollo/server/standalone');

const SECRETS = { walletgraph: process.env.ROUTER_SECRET, owners: process.env.OWNERS_SECRET };

class Trusted extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    request.http.headers.set('router-authorization', this.secret);
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(process.argv[2], 'utf8'),
  buildService: ({ name, url }) => Object.assign(new Trusted({ url }), { secret: SECRETS[name] }),
});
const server = new ApolloServer({ gateway, introspection: true });
startStandaloneServer(server, { listen: { port: Number(process.env.PORT), host: '127.0.0.1' } }).then(({ url }) => {
  console.log(`listening on ${url}`);
});
