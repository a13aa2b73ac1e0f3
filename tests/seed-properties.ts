import { configureGlobal } from 'fast-check';

/**
 * Properties are tried on the same made-up data in every run, so that what was green stays green until the code
 * changes. PROPERTY_SEED takes another number, for a search; a failure prints the seed that it was found with.
 */
configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_250_401) });
