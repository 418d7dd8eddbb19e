import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { createClient } from "./client";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/wallets.css";
import "./styles/allocation.css";
import "./styles/lists.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ApolloProvider client={createClient()}>
        <App />
      </ApolloProvider>
    </StrictMode>,
  );
}
