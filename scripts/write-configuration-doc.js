/** Writes docs/configuration.md from the table of settings that the command line itself reads. */
import { writeFileSync } from 'node:fs';
import { configurationDoc } from '@seismo/server/cli/configuration-doc';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDoc());
