/**
 * What the browsable page of the API does besides its library: it names the document by the address that is
 * documented, and is dark where the system is. Runs between the library's scripts and the page's `load`.
 */
export const DOCS_SCRIPT = `
const library = window.SwaggerUIBundle;
window.SwaggerUIBundle = Object.assign(
  (config) => library({ ...config, url: new URL('/openapi.json', location.href).href }),
  library,
);
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
`;
