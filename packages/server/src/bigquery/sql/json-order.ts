/**
 * The text of a JSON value with the members of its objects sorted by name, as BigQuery keeps them: no order of their
 * own. Numbers stay as they are written. Of what is no JSON, or is nested too deeply, the text as it was.
 * https://cloud.google.com/bigquery/docs/json-data
 */
export function inMemberOrder(text: string): string {
  if (!text.includes('{')) return text;
  try {
    const tokens = text.match(TOKEN);
    if (tokens === null) return text;
    const reader = { tokens: tokens.filter((token) => !/^\s/.test(token)), next: 0 };
    const sorted = value(reader);
    return reader.next === reader.tokens.length ? sorted : text;
  } catch (error) {
    if (error instanceof RangeError || error instanceof NotJson) return text;
    throw error;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+|\s+|"/gs;

class NotJson extends Error {}

interface Reader {
  readonly tokens: readonly string[];
  next: number;
}

function value(reader: Reader): string {
  const token = reader.tokens[reader.next++];
  if (token === '[') return `[${listed(reader, ']', value).join(',')}]`;
  if (token !== '{') {
    if (token === undefined || /^[\]}:,]$/.test(token)) throw new NotJson();
    return token;
  }
  const members = listed(reader, '}', member);
  members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return `{${members.map(({ text }) => text).join(',')}}`;
}

function member(reader: Reader): { name: string; text: string } {
  const key = reader.tokens[reader.next++];
  if (key === undefined || !key.startsWith('"') || reader.tokens[reader.next++] !== ':') throw new NotJson();
  return { name: key.slice(1, -1), text: `${key}:${value(reader)}` };
}

/** What stands between commas up to a bracket. */
function listed<Item>(reader: Reader, end: string, read: (reader: Reader) => Item): Item[] {
  const found: Item[] = [];
  if (reader.tokens[reader.next] === end) {
    reader.next++;
    return found;
  }
  for (;;) {
    found.push(read(reader));
    const token = reader.tokens[reader.next++];
    if (token === end) return found;
    if (token !== ',') throw new NotJson();
  }
}
