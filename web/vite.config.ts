import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.WALLETGRAPH_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // A policy without data: fonts or inline styles stays possible only if nothing is inlined.
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/graphql": server } },
});
