import { signal } from '@preact/signals';

/** Seconds the server is ahead of this computer; small differences are the network's. */
let ahead = 0;
const IGNORED_SECONDS = 1.5;

/** The time as the server sees it, in seconds: the axes move by it. */
export function now(): number {
  return Date.now() / 1000 + ahead;
}

export function setServerTime(seconds: number): void {
  const difference = seconds - Date.now() / 1000;
  if (Math.abs(difference - ahead) > IGNORED_SECONDS) {
    ahead = Math.abs(difference) > IGNORED_SECONDS ? difference : 0;
  }
}

/** Grows once a second while the page is visible; what shows an age depends on it. */
export const second = signal(0);
setInterval(() => {
  if (!document.hidden) second.value++;
}, 1000);
