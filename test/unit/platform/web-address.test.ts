import { describe, expect, it } from 'vitest';
import { whyNotPublic } from '../../../platform/web-address.ts';

const production = { dev: false };
const development = { dev: true };

describe('a web address that a person typed', () => {
  it.each([
    'https://cdn.acme.example/logo.svg?v=2',
    'https://acme.example',
    'https://xn--bcher-kva.example:8443/a%20b',
    'https://93.184.215.14/logo.png',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  ])('%s is taken', (text) => {
    expect(whyNotPublic(text, production)).toBeUndefined();
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '198.18.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:168.63.129.16]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::7f00:1]',
    '[::]',
    '[5f00::1]',
  ])('https://%s/ is refused, because it is a private or reserved address', (host) => {
    expect(whyNotPublic(`https://${host}/logo.png`, production)).toBe(
      'must not lead to a private or reserved IP address',
    );
  });

  it.each([
    ['http://acme.example/logo.png', 'must be an https:// address'],
    ['javascript:alert(1)', 'must be an https:// address'],
    ['data:image/png;base64,AA', 'must be an https:// address'],
    ['//acme.example/logo.png', 'must be an https:// address'],
    ['https:\\\\acme.example', 'must be an https:// address'],
    ['https://', 'must be an https:// address'],
    ['https://user@acme.example/', 'must not have a user name or a password in it'],
    ['https://:secret@acme.example/', 'must not have a user name or a password in it'],
    ['https://localhost/', 'must not lead to the machine of whoever opens it'],
    ['https://a.localhost./', 'must not lead to the machine of whoever opens it'],
    // Each of them would end a directive, or the policy, in Content-Security-Policy.
    ['https://acme.example;sandbox/', 'must have a host name of letters, digits and hyphens'],
    ['https://acme.example,x/', 'must have a host name of letters, digits and hyphens'],
    ["https://'self'.example/", 'must have a host name of letters, digits and hyphens'],
    ['https://*.example/', 'must have a host name of letters, digits and hyphens'],
    ['https://acme.example/a b', 'must have no spaces, and no characters beyond ASCII'],
    ['https://acme.example/\u202Egnp', 'must have no spaces, and no characters beyond ASCII'],
  ])('%s is refused: it %s', (text, fault) => {
    expect(whyNotPublic(text, production)).toBe(fault);
  });

  it('in development http and this machine are allowed, and nothing else is', () => {
    for (const text of ['http://localhost:8080/logo.png', 'http://127.0.0.1/', 'https://10.0.0.1/']) {
      expect(whyNotPublic(text, development)).toBeUndefined();
    }
    expect(whyNotPublic('javascript:alert(1)', development)).toBeDefined();
    expect(whyNotPublic('http://user@localhost/', development)).toBeDefined();
  });
});
