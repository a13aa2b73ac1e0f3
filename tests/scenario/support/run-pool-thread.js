/** A thread that does as its task says. */
import { answerTasks } from '@seismo/server/adapters/embedded/answer-tasks';

answerTasks(({ kind, values }) => {
  if (kind === 'double') return { doubled: values.map((value) => 2 * value) };
  if (kind === 'throw') throw new RangeError('HORIZON is 1 to 10000');
  process.exit(3);
});
