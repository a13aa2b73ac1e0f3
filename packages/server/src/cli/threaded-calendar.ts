import type { HolidayWindow } from '@seismo/engine';
import { BACKGROUND_NICENESS, WorkerPool } from '../adapters/embedded/worker-pool.js';
import { AppError, type ErrorCode } from '../errors.js';
import type { HolidayCalendar, HolidayRequest } from '../ports/holiday-calendar.js';

export type CalendarAnswer =
  | { readonly windows: readonly HolidayWindow[] }
  | {
      readonly refusal: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly field: string | undefined;
        readonly hint: string | undefined;
      };
    };

/** What was looked up is kept so long. */
const IDLE_MS = 60_000;

/** Calendars in a thread of their own: looking up groups of countries takes seconds, in which others want answers. */
export class ThreadedCalendar implements HolidayCalendar {
  readonly #pool = new WorkerPool<HolidayRequest, CalendarAnswer>({
    script: new URL('./calendar-thread.js', import.meta.url),
    name: 'seismo-calendar',
    threadsMax: 1,
    idleMs: IDLE_MS,
    niceness: BACKGROUND_NICENESS,
  });

  async windows(request: HolidayRequest): Promise<readonly HolidayWindow[]> {
    const answer = await this.#pool.run(request);
    if ('windows' in answer) return answer.windows;
    const { code, message, field, hint } = answer.refusal;
    throw new AppError(code, message, {
      ...(field === undefined ? {} : { field }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
