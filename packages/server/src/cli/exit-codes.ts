/** Exit codes beside those of errors.ts; docs/exit-codes.md lists both. */

/** `replay` or `import` came to the end, but some rows were not accepted. */
export const EXIT_ROWS_REJECTED = 8;
/** Ended by Ctrl-C. */
export const EXIT_INTERRUPTED = 130;
