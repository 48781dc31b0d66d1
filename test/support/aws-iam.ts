import { createHash, createHmac } from 'node:crypto';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a customer does in IAM, signed (AWS Signature Version 4) and sent to any server that plays it. */
export async function callIam(
  endpoint: string,
  keys: AwsKeys,
  parameters: Readonly<Record<string, string>>,
): Promise<{ status: number; text: string }> {
  const url = new URL(endpoint);
  const body = new URLSearchParams({ ...parameters, Version: '2010-05-08' }).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: url.host,
    'x-amz-date': new Date().toISOString().replaceAll(/[-:]|\.\d+/g, ''),
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: authorization(url, keys, headers, body) },
    body,
  });
  return { status: response.status, text: await response.text() };
}

function authorization(url: URL, keys: AwsKeys, headers: Readonly<Record<string, string>>, body: string): string {
  const at = headers['x-amz-date'] ?? '';
  const scope = [at.slice(0, 8), 'us-east-1', 'iam', 'aws4_request'];
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', url.pathname, '', lines.join(''), names, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<Buffer>((derived, part) => hmac(derived, part), Buffer.from(`AWS4${keys.secretAccessKey}`));
  const signature = hmac(key, text).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
