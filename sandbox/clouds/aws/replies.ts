import type { Reply } from '../../core/cloud.ts';
import { escapeHtml } from '../../core/html.ts';

/** AWS's query protocol: a form goes in, XML comes out. */
export type Service = 'sts' | 'iam';

const namespaces: Readonly<Record<Service, string>> = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
};

/** Elements by name, in order; text is escaped. A list is the element again and again. */
export interface Elements {
  readonly [name: string]: Content | readonly Content[];
}
type Content = string | number | boolean | Elements;

export function success(service: Service, action: string, result: Elements): Reply {
  const metadata = { ResponseMetadata: { RequestId: requestId } };
  return reply(200, `${action}Response`, service, { [`${action}Result`]: result, ...metadata });
}

export const failure = (service: Service, status: number, code: string, message: string): Reply =>
  reply(status, 'ErrorResponse', service, {
    Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
    RequestId: requestId,
  });

const requestId = '00000000-0000-4000-8000-000000000000';

const reply = (status: number, root: string, service: Service, content: Elements): Reply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<${root} xmlns="${namespaces[service]}">${render(content)}</${root}>\n`,
});

export const render = (elements: Elements): string =>
  Object.entries(elements)
    .flatMap(([name, contents]) =>
      [contents as Content].flat().map((content) => `<${name}>${textOf(content)}</${name}>`),
    )
    .join('');

const textOf = (content: Content): string => (content instanceof Object ? render(content) : escapeHtml(`${content}`));
