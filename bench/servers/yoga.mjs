// GraphQL Yoga with DataLoader and undici: `PORT=4000 UPSTREAM_URL=... node yoga.mjs`.
import { createServer } from 'node:http';

import { createYoga } from 'graphql-yoga';

import { context, makeSchema } from './graph.mjs';

const schema = makeSchema();
const yoga = createYoga({ schema, context, graphiql: false, landingPage: false, logging: 'error' });
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
