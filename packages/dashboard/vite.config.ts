import { defineConfig } from 'vite';

/** `npm run dev -w @seismo/dashboard` serves the page with the API of a server that runs on port 8080. */
const server = process.env.SEISMO_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The policy forbids inline code and data: addresses, so that nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/api', '/get_anomalies', '/metrics'].map((path) => [path, { target: server }]),
    ),
  },
});
