import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../data/ovhcloud/tls/', import.meta.url);

export const authorityFile = (name: 'authority' | 'another-authority'): string =>
  fileURLToPath(new URL(`${name}.pem`, folder));

/** A CONNECT proxy that stays on this machine: it answers in the place of eu.api.ovh.com and www.ovh.com. */
export function createTlsProxy(listener: RequestListener): Server {
  const inside = createTlsServer(
    { cert: readFileSync(new URL('server.pem', folder)), key: readFileSync(new URL('server-key.pem', folder)) },
    listener,
  );
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    inside.emit('connection', socket);
  });
  return proxy;
}
