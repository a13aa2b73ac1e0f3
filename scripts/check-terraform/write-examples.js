/**
 * Makes a terraform test of the example in each module's README: `node write-examples.js FOLDER`, where FOLDER is a
 * copy of terraform/. Each example becomes a module of its own, applied by a run of tests/examples.tftest.hcl.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const names = readdirSync(join(folder, 'modules'));
const runs = names.map((name) => {
  const [, example] =
    /^```hcl\n([\s\S]*?)^```$/m.exec(readFileSync(join(folder, 'modules', name, 'README.md'), 'utf8')) ?? [];
  if (example === undefined || !example.includes(`source = "./modules/${name}"`)) {
    throw new Error(`modules/${name}/README.md has no example in HCL that uses ./modules/${name}`);
  }
  const target = join(folder, 'tests', 'examples', name);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'main.tf'), example.replaceAll('"./modules/', '"../../../modules/'));
  copyFileSync(join(folder, 'versions.tf'), join(target, 'versions.tf'));
  return `run "example_of_${name.replaceAll('-', '_')}" {\n  module { source = "./tests/examples/${name}" }\n}\n`;
});
const provider = 'mock_provider "google" {\n  source = "./tests/mocks"\n}\n';
writeFileSync(join(folder, 'tests', 'examples.tftest.hcl'), [provider, ...runs].join('\n'));
console.log(`${names.length} examples`);
