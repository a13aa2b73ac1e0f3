import { type Static, Type } from './schema-type.js';

const Work = {
  id: Type.String({ description: "The BigQuery job's id." }),
  kind: Type.String(),
  model: Type.String(),
  started: Type.String({ description: 'RFC 3339 in UTC.' }),
};

/** What one call of a job did. */
export const JobBody = Type.Object(
  {
    started: Type.Array(Type.Object(Work)),
    collected: Type.Array(
      Type.Object({
        ...Work,
        state: Type.Union([Type.Literal('done'), Type.Literal('failed')]),
        reason: Type.Union([Type.String(), Type.Null()]),
        anomalies: Type.Integer({ description: 'New anomalies that it found.' }),
        unjudged: Type.Record(Type.Integer()),
      }),
    ),
    skipped: Type.Array(Type.Object({ kind: Type.String(), model: Type.String(), reason: Type.String() })),
  },
  { description: 'What was started, what has ended since, and what was left alone and why.' },
);
export type JobBody = Static<typeof JobBody>;
