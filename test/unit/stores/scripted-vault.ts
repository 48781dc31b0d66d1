import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export const json =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

export const html =
  (status: number): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');

/** Takes the request and says nothing. */
export const hang: Answer = () => {};

/** Takes the whole request, then resets the connection. */
export const reset: Answer = (request) => void request.resume().on('end', () => request.socket.resetAndDestroy());

/** Never quite ends its answer. */
export const drip: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drops = setInterval(() => response.write(' '), 10);
  response.on('close', () => clearInterval(drops));
};

const loggedIn = json(200, {
  auth: { client_token: 'hvs.canary-token', lease_duration: 3_600, renewable: true },
});

/** A server that accepts every login and then gives scripted answers that a real Vault cannot be made to give. */
export async function startScriptedVault(script: { login?: Answer; data?: Answer }) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = request.url === '/v1/auth/approle/login' ? (script.login ?? loggedIn) : (script.data ?? hang);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
