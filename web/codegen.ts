import type { CodegenConfig } from "@graphql-codegen/cli";

import { typed } from "./client/codegen.ts";

const branded = (from: string) => ({
  add: { content: `import type { BigIntString, DateTimeString, DecimalString } from "${from}";` },
});

const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  generates: {
    "client/possibleTypes.json": { plugins: ["fragment-matcher"] },
    "client/generated.ts": {
      documents: "client/operations/*.graphql",
      plugins: [branded("./scalars"), "typescript-operations", "typed-document-node"],
      config: typed,
    },
    "src/generated.ts": {
      documents: "src/**/*.graphql",
      plugins: [branded("../client"), "typescript-operations", "typed-document-node"],
      config: typed,
    },
  },
};

export default config;
