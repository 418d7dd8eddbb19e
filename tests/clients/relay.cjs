// The page's Relay project on two products that share an id, and their protocol's: prints what the
// store shows. Run in the project's folder, after its programs were built.
const { join } = require('node:path');
const { createRequire } = require('node:module');

const project = createRequire(join(process.cwd(), 'build', 'main.js'));
const { Environment, Network, RecordSource, Store, createOperationDescriptor, getRequest } =
  project('relay-runtime');
const { getDataID } = project('./walletgraph/parts.js');
const query = getRequest(project('./__generated__/mainQuery.graphql.js').default);

const position = (id, group, name, product) => ({
  cursor: id,
  node: {
    __typename: 'Position',
    id,
    contractName: id,
    valueUsd: null,
    protocol: { group: { id: group, name }, subGroup: { id: 'main', name: product } },
  },
});
const data = {
  wallet: {
    id: 'w',
    netWorthUsd: null,
    positions: {
      totalCount: 3,
      edges: [
        position('a', 'alpha', 'Alpha', 'Alpha Savings'),
        position('b', 'beta', 'Beta', 'Beta Loans'),
        position('c', 'main', 'Main', 'Main Vault'),
      ],
      pageInfo: { endCursor: 'c', hasNextPage: false },
    },
  },
};
const environment = new Environment({
  network: Network.create(async () => ({ data })),
  store: new Store(new RecordSource()),
  getDataID,
});
const operation = createOperationDescriptor(query, { address: '0x1' });
environment.retain(operation);
environment.execute({ operation }).subscribe({
  error: (problem) => console.error(problem),
  complete() {
    const source = environment.getStore().getSource();
    const at = (record, field) => source.get(record[field].__ref);
    const names = ['a', 'b', 'c'].map((id) => {
      const protocol = at(source.get(id), 'protocol');
      return `${at(protocol, 'group').name} · ${at(protocol, 'subGroup').name}`;
    });
    console.log(JSON.stringify(names));
    process.exit();
  },
});
