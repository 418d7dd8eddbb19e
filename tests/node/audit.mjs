// Runs graphql-http's server audit against the URL given and prints its results as JSON.
import { auditServer } from 'graphql-http';

const [url] = process.argv.slice(2);

const results = await auditServer({
  url,
  // A GET without this header is one that any web page could send, and is refused.
  fetchFn: (input, init = {}) =>
    fetch(input, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } }),
});

console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
