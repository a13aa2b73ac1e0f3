import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from './sessions.js';

/** Cookies are shared by all ports of a host; the port in the name keeps two servers apart. */
function cookieName(request: FastifyRequest): string {
  return `seismo_session_${request.socket.localPort ?? 0}`;
}

export function sessionIdOf(request: FastifyRequest): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined) return undefined;
  return request.server.parseCookie(header)[cookieName(request)];
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, id: string): void {
  reply.setCookie(cookieName(request), id, { ...attributes(request), maxAge: SESSION_MS / 1000 });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), attributes(request));
}

/** `secure` where the page came over https (from a proxy before us): only the browser's Origin tells. */
function attributes(request: FastifyRequest) {
  const secure = request.headers.origin?.startsWith('https://') === true;
  return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
}
