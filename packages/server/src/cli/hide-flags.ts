import { type Command, Help } from 'commander';

/** Leaves the flags out of a command's help, but not out of the suggestions for a misspelled one. */
export function hideFlags(command: Command): void {
  command.configureHelp({
    ...command.configureHelp(),
    formatHelp(shown, help) {
      help.visibleOptions = () => [];
      return Help.prototype.formatHelp.call(help, shown, help);
    },
  });
}
