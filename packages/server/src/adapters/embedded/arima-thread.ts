import { runArimaTasks } from '../../model/arima-work.js';
import { answerTasks } from './answer-tasks.js';

/** A thread of the pool in arima-pool.ts. */
answerTasks(runArimaTasks);
