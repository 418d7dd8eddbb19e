import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { createClient } from "./client";
import { Schedule } from "./refresh/schedule";
import { ScheduleContext } from "./refresh/useRefresh";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/wallets.css";
import "./styles/allocation.css";
import "./styles/history.css";
import "./styles/lists.css";

const root = document.getElementById("root");
if (root) {
  const schedule = new Schedule();
  createRoot(root).render(
    <StrictMode>
      <ScheduleContext.Provider value={schedule}>
        <ApolloProvider client={createClient(schedule)}>
          <App />
        </ApolloProvider>
      </ScheduleContext.Provider>
    </StrictMode>,
  );
}
