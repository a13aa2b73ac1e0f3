import { computed, signal } from '@preact/signals';
import { heldOrder, matching, worstFirst } from '../model/order.js';
import { entries, statesRevision } from './catalogue.js';
import { now } from './clock.js';
import { place } from './location.js';

export const PAGE_SIZE = 48;

/** True while the pointer or the focus rests among the charts: their order stands still. */
export const isOrderHeld = signal(false);
/** Grows when it is time to sort again. */
const sortTurn = signal(0);
setInterval(() => {
  if (!isOrderHeld.peek() && !document.hidden) sortTurn.value++;
}, 3000);

let lastOrder: string[] = [];

/** Keys of all series that match the search, worst first; sorted at a calm pace. */
export const orderedKeys = computed(() => {
  sortTurn.value;
  if (isFirstSort) statesRevision.value;
  const items = [...entries.value.values()].map((entry) => entry.item.peek());
  const found = matching(items, place.value.query);
  const sorted = worstFirst(found, now());
  const order = isOrderHeld.value ? heldOrder(sorted, lastOrder) : sorted;
  isFirstSort = items.length === 0;
  lastOrder = order.map((item) => item.series);
  return lastOrder;
});
let isFirstSort = true;

export const pageCount = computed(() => Math.max(1, Math.ceil(orderedKeys.value.length / PAGE_SIZE)));
export const pageShown = computed(() => Math.min(place.value.page, pageCount.value));

export const pageKeys = computed(() => {
  const start = (pageShown.value - 1) * PAGE_SIZE;
  return orderedKeys.value.slice(start, start + PAGE_SIZE);
});

/** Series on screen, in an order that changes with the set only: what the stream is asked for. */
export const shownKeys = computed(() => {
  const { series } = place.value;
  return series === null ? [...pageKeys.value].sort() : [series];
});
