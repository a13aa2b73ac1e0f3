import type { IncomingHttpHeaders } from 'node:http';
import { RestError } from './rest-error.js';

export interface Piece {
  readonly from: number;
  /** Undefined: as long as the body is. */
  readonly length?: number;
}

/** What a request says of its place in a file. */
export interface ContentRange {
  /** Absent where the client only asks how much came. */
  readonly piece?: Piece;
  /** Bytes of the whole file, where the client knows. */
  readonly total?: number;
  /** The file ends with this piece, wherever that is. Without the header the body is all of it. */
  readonly isLast: boolean;
}

// `bytes 0-99/200`; `*` stands for a total or an end that is not known yet, and for the range of who only asks.
const RANGE = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/;

export function contentRange(headers: IncomingHttpHeaders): ContentRange {
  const header = headers['content-range'];
  if (header === undefined) return { piece: { from: 0 }, isLast: true };
  const [, first, last, all = ''] = RANGE.exec(header) ?? [];
  const total = all === '*' || all === '' ? undefined : Number(all);
  const known = total === undefined ? {} : { total };
  if (all === '') throw invalid(`${header} is not of the form bytes FIRST-LAST/TOTAL`);
  if (first === undefined || last === undefined) return { ...known, isLast: false };
  const from = Number(first);
  if (last === '*') return { ...known, piece: { from }, isLast: true };
  const to = Number(last);
  if (to < from || (total !== undefined && to >= total)) throw invalid(`${header} is no range of a file`);
  const length = to - from + 1;
  const sent = headers['content-length'];
  if (sent !== undefined && Number(sent) !== length) {
    throw invalid(`${header} are ${length} bytes, and the request brings ${sent}`);
  }
  return { ...known, piece: { from, length }, isLast: false };
}

function invalid(why: string): RestError {
  return new RestError('invalid', `Invalid Content-Range: ${why}.`, 'Content-Range');
}
