import { dateHolidaysCalendar } from '../adapters/calendar/date-holidays-calendar.js';
import { answerTasks } from '../adapters/embedded/answer-tasks.js';
import { AppError } from '../errors.js';
import type { HolidayRequest } from '../ports/holiday-calendar.js';
import type { CalendarAnswer } from './threaded-calendar.js';

/** The thread of threaded-calendar.ts. */
answerTasks(async (request: HolidayRequest): Promise<CalendarAnswer> => {
  try {
    return { windows: await dateHolidaysCalendar.windows(request) };
  } catch (error) {
    // Threads take no classes from each other.
    if (!(error instanceof AppError)) throw error;
    const { code, message, field, hint } = error;
    return { refusal: { code, message, field, hint } };
  }
});
