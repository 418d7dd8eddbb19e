/** What `graphql-codegen` must know of this graph; spread it into the `config` of your own outputs. */
export const scalars = {
  BigInt: { input: "BigIntString | number", output: "BigIntString" },
  Decimal: { input: "DecimalString | string", output: "DecimalString" },
  DateTime: { input: "DateTimeString | string", output: "DateTimeString" },
  // What an endpoint shows beside: the machinery of a federated graph.
  _Any: "unknown",
  _FieldSet: "unknown",
  link__Import: "unknown",
};

export const typed = {
  scalars,
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  skipTypename: true,
  avoidOptionals: { field: true },
};
