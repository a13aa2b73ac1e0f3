import { connect } from 'node:net';

/**
 * One keep-alive connection that posts one request after the other: nothing but a socket and a look for the
 * end of each answer, so that the load costs less than what it loads.
 */
export class HttpConnection {
  #socket;
  #head;
  #received = '';
  #waiting;

  /** @param {URL} url @param {string} path @param {Record<string, string>} headers besides the usual ones */
  static async open(url, path, headers = {}) {
    const connection = new HttpConnection();
    const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.#head = `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\n${more.join('')}Content-Type: application/json\r\nContent-Length: `;
    connection.#socket = connect(Number(url.port), url.hostname);
    connection.#socket.setNoDelay(true).setEncoding('latin1');
    connection.#socket.on('data', (text) => connection.#onData(text));
    await new Promise((resolve, reject) => {
      connection.#socket.once('connect', resolve);
      connection.#socket.once('error', reject);
    });
    connection.#socket.on('error', (error) => connection.#waiting?.reject(error));
    connection.#socket.on('close', () => connection.#waiting?.reject(new Error('connection closed')));
    return connection;
  }

  /** Sends a body of ASCII and resolves with the status. */
  post(body) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${this.#head}${body.length}\r\n\r\n${body}`, 'latin1');
    });
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #onData(text) {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const noContent = this.#received.startsWith('HTTP/1.1 204 ');
    const length = noContent ? ['', '0'] : /content-length: (\d+)/i.exec(this.#received);
    if (length === null) throw new Error(`an answer without a length: ${this.#received.slice(0, 200)}`);
    if (this.#received.length < headEnd + 4 + Number(length[1])) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = '';
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(status);
  }
}
