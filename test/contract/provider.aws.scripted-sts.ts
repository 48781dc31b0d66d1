import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

const xml = { 'content-type': 'text/xml', 'retry-after': '7' };

/** An error of STS; also the action of a fault rule of the sandbox. */
export const answer = (status: number, code: string, message = 'as scripted') => ({
  kind: 'respond' as const,
  status,
  headers: xml,
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

/** A session, to whoever asks. */
export const issuing = {
  status: 200,
  headers: xml,
  body:
    '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>' +
    '<SecretAccessKey>the-secret</SecretAccessKey><SessionToken>the-token</SessionToken>' +
    '<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
};

/** An STS that answers by what is in the form, and counts who comes; it keeps connections alive if it may. */
export async function startSts(reply: (form: URLSearchParams) => Pick<typeof issuing, 'status' | 'headers' | 'body'>) {
  const seen = { connections: 0, requests: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    void text(request).then((form) => {
      const { status, headers, body } = reply(new URLSearchParams(form));
      response.writeHead(status, headers).end(body);
    });
  });
  server.on('connection', () => void (seen.connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: () => seen };
}
