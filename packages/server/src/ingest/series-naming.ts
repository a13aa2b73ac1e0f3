import { seriesKey } from '../model/series.js';
import type { RejectCode } from '../ports/ingest.js';
import { cut, quote } from './quote.js';

const NAME_LENGTH_MAX = 200;
const LABELS_MAX = 30;
const LABEL_NAME_LENGTH_MAX = 100;
const LABEL_VALUE_LENGTH_MAX = 500;

/** Of a series and of a label alike. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.:/-]*$/;
/** Half of a surrogate pair: no Unicode text, and JSON that the stores refuse to read. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const NAME_RULE = 'a name starts with a letter or _ and goes on with letters, digits and _ . : / -';
/** Names seen valid, so that the usual ones cost one look-up; emptied when somebody sends ever new ones. */
const KNOWN_NAMES_MAX = 10_000;

export interface NamingFault {
  readonly code: RejectCode;
  readonly field: string;
  readonly message: string;
}

export function checkSeriesName(name: string): NamingFault | undefined {
  if (name.length > NAME_LENGTH_MAX) {
    return fault(
      'series_name_invalid',
      cut(name),
      `series name ${quote(name)} is too long; at most ${NAME_LENGTH_MAX} characters`,
    );
  }
  if (NAME.test(name)) return undefined;
  return fault('series_name_invalid', cut(name), `${quote(name)} is no series name; ${NAME_RULE}`);
}

/** Reads an item's `labels` into the text that follows the name in a series' key. */
export class LabelReader {
  readonly #knownNames = new Set<string>();

  /** `{service="checkout"}`, '' for no labels, or the fault of the first bad one. */
  read(labels: unknown): string | NamingFault {
    if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
      return fault(
        'labels_invalid',
        'labels',
        `labels is ${quote(labels)}; send an object of texts such as {"service": "checkout"}`,
      );
    }
    const texts = labels as Record<string, unknown>;
    let count = 0;
    for (const name in texts) {
      if (++count > LABELS_MAX) break;
      const bad = this.#check(name, texts[name]);
      if (bad !== undefined) return bad;
    }
    if (count > LABELS_MAX) {
      const sent = Object.keys(texts).length;
      return fault(
        'too_many_labels',
        'labels',
        `labels has ${sent} entries; at most ${LABELS_MAX} are allowed`,
      );
    }
    return seriesKey('', texts as Record<string, string>);
  }

  #check(name: string, value: unknown): NamingFault | undefined {
    const field = `labels.${cut(name)}`;
    if (!this.#knownNames.has(name)) {
      if (name.length > LABEL_NAME_LENGTH_MAX) {
        const message = `label name ${quote(name)} is too long; at most ${LABEL_NAME_LENGTH_MAX} characters`;
        return fault('label_too_long', field, message);
      }
      if (!NAME.test(name)) {
        return fault('label_name_invalid', field, `${quote(name)} is no label name; ${NAME_RULE}`);
      }
      if (this.#knownNames.size >= KNOWN_NAMES_MAX) this.#knownNames.clear();
      this.#knownNames.add(name);
    }
    if (typeof value !== 'string') {
      const message = `label ${quote(name)} is ${quote(value)}; its value must be text in quotes`;
      return fault('labels_invalid', field, message);
    }
    if (value.length > LABEL_VALUE_LENGTH_MAX) {
      const message = `value of label ${quote(name)} has ${value.length} characters; at most ${LABEL_VALUE_LENGTH_MAX} are allowed`;
      return fault('label_too_long', field, message);
    }
    if (LONE_SURROGATE.test(value)) {
      const message = `value of label ${quote(name)} holds half of a surrogate pair; send valid Unicode`;
      return fault('labels_invalid', field, message);
    }
    return undefined;
  }
}

function fault(code: RejectCode, field: string, message: string): NamingFault {
  return { code, field, message };
}
