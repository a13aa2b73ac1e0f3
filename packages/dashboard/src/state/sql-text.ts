import { signal } from '@preact/signals';
import { place } from './location.js';

/** What stands in the editor of the SQL page; it stays while one looks at other pages. */
export const editorText = signal(place.peek().sql ?? '');
