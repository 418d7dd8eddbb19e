// A graph as a team would write it on its own: doubles, short ids, compiled by graphql-jit.
import { createServer } from 'node:http';

import { useGraphQlJit } from '@envelop/graphql-jit';
import { createYoga } from 'graphql-yoga';

import { context, makeSchema } from './graph.mjs';

const yoga = createYoga({
  schema: makeSchema({ isShort: true }),
  context,
  graphiql: false,
  landingPage: false,
  logging: 'error',
  plugins: [useGraphQlJit()],
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
