import { answerTasks } from '../adapters/embedded/answer-tasks.js';
import { runArimaTask } from './arima-work.js';

/** A thread of the pool in arima-run.ts. */
answerTasks(runArimaTask);
