// The command without its set-up step, so that no test waits for a look at the build.
import { main } from '@seismo/server/main';

process.exit(await main(process.argv.slice(2)));
