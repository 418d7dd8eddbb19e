// How Hive Gateway shows errors: the code always, a sentence only where the gateway wrote it itself.
import { GraphQLError, Kind } from 'graphql';

const SUGGESTION = / Did you mean .*$/s;

/**
 * For `maskedErrors`. What a subgraph says stays inside; what the gateway says about the request,
 * before any subgraph is asked, helps whoever sent it.
 */
export function onlyTheCode(error) {
  const isOurs = !error.path && !error.extensions?.serviceName;
  const code = error.extensions?.code ?? (isOurs ? mistake(error) : undefined);
  return new GraphQLError(
    isOurs && code ? error.message.replace(SUGGESTION, '') : 'Unexpected error.',
    {
      nodes: error.nodes,
      path: error.path,
      extensions: {
        code: code ?? 'INTERNAL',
        // A subgraph has no say in our status, and `application/json` is 200 whatever it says.
        ...(isOurs && code && { http: { status: 400, ...error.extensions?.http, spec: true } }),
      },
    },
  );
}

/** The code of a mistake in the request that the executor found, and that comes without one. */
function mistake({ nodes }) {
  return nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION ? 'BAD_USER_INPUT' : undefined;
}

/**
 * A plugin: what a subgraph requires and another could not give is null to it. The planner in
 * JavaScript would send it the error, as an object with all that the other subgraph said.
 */
export function nullForWhatFailed() {
  return {
    onSubgraphExecute({ executionRequest, setExecutionRequest }) {
      const { variables } = executionRequest;
      if (!Object.values(variables ?? {}).some(holdsError)) return;
      setExecutionRequest({ ...executionRequest, variables: withoutErrors(variables) });
    },
  };
}

function holdsError(value) {
  if (value === null || typeof value !== 'object') return false;
  return value instanceof Error || Object.values(value).some(holdsError);
}

function withoutErrors(value) {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return null;
  if (Array.isArray(value)) return value.map(withoutErrors);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutErrors(part)]));
}

/** A plugin that refuses a kind of operation no subgraph serves, before a planner stumbles on it. */
export function onlyServedOperations() {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule((context) => ({
        OperationDefinition(node) {
          if (context.getSchema().getRootType(node.operation)) return;
          context.reportError(
            new GraphQLError(`No ${node.operation} is served here.`, {
              nodes: node,
              extensions: { code: 'OPERATION_NOT_SUPPORTED' },
            }),
          );
        },
      }));
    },
  };
}
