import { defineConfig } from "vite";

// `make web` builds into the Python package; `npx vite` serves the sources beside a workspace on its usual port.
export default defineConfig({
  build: {
    outDir: "../src/covolt/workspace/pages",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licences.md" },
  },
  server: {
    proxy: {
      "/api": {
        target: "http://127.0.0.1:8600",
        changeOrigin: true,
        headers: { origin: "http://127.0.0.1:8600" },
      },
    },
  },
});
