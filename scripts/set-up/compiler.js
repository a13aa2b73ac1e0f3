import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * TypeScript's native compiler, which takes a fifth of the time. The program itself: the package's `tsc` starts it as
 * a child, which would outlive a signal to its parent.
 *
 * @param {string} root the folder with node_modules
 * @returns {Promise<string>} its path
 */
export async function nativeCompiler(root) {
  const path = join(root, 'node_modules', 'typescript-native', 'lib', 'getExePath.js');
  const { default: exePath } = await import(pathToFileURL(path).href);
  return exePath();
}
