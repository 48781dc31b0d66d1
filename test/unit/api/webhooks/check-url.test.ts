import { describe, expect, it } from 'vitest';
import { checkUrl } from '../../../../api/webhooks/check-url.ts';
import { createAddressRules } from '../../../../platform/public-address.ts';

const rules = { allowsHttp: false, addresses: createAddressRules('10.1.0.0/16') };

describe('the URL of a webhook endpoint', () => {
  it.each([
    ['https://hooks.acme.example/mooring?token=1', 'https://hooks.acme.example/mooring?token=1'],
    ['HTTPS://Hooks.Acme.example', 'https://hooks.acme.example/'],
    ['https://192.0.2.1/', undefined],
    ['https://93.184.216.34:8443/x', 'https://93.184.216.34:8443/x'],
    ['https://[2606:2800:220:1::1]/', 'https://[2606:2800:220:1::1]/'],
    ['https://10.1.2.3/', 'https://10.1.2.3/'],
  ])('%s is taken as %s', (given, taken) => {
    if (taken === undefined) expect(() => checkUrl(given, rules)).toThrow('not on the public internet');
    else expect(checkUrl(given, rules)).toBe(taken);
  });

  it.each([
    ['hooks.acme.example', 'not a URL'],
    ['http://hooks.acme.example/', 'https://'],
    ['ftp://hooks.acme.example/', 'https://'],
    ['https://user@hooks.acme.example/', 'user name'],
    ['https://:secret@hooks.acme.example/', 'password'],
    ['https://hooks.acme.example/#part', 'fragment'],
    ['https://hooks.acme.example/#', 'fragment'],
    ['https://localhost/', 'public internet'],
    ['https://hooks.localhost./', 'public internet'],
    ['https://127.0.0.1/', 'public internet'],
    ['https://127.1/', 'public internet'],
    ['https://0x7f000001/', 'public internet'],
    ['https://2130706433/', 'public internet'],
    ['https://017700000001/', 'public internet'],
    ['https://[::1]/', 'public internet'],
    ['https://[::ffff:127.0.0.1]/', 'public internet'],
    ['https://0.0.0.0/', 'public internet'],
    ['https://169.254.169.254/latest/meta-data/', 'public internet'],
    ['https://168.63.129.16/', 'public internet'],
    ['https://[fd00:ec2::254]/', 'public internet'],
    ['https://10.2.0.1/', 'public internet'],
    ['https://192.168.0.1/', 'public internet'],
  ])('%s is refused: %s', (given, reason) => {
    expect(() => checkUrl(given, rules)).toThrow(reason);
  });

  it('a refusal does not repeat the URL, which may hold a secret', () => {
    const refused = () => checkUrl('http://user:s3cret-word@hooks.acme.example/p4th-word', rules);
    expect(refused).toThrow(expect.not.stringMatching(/s3cret-word|p4th-word/));
  });

  it('under npm start, http and this machine are taken', () => {
    const dev = { allowsHttp: true, addresses: createAddressRules('localhost,127.0.0.1,::1') };
    for (const url of ['http://localhost:3000/', 'http://127.0.0.1:3000/', 'http://[::1]:3000/']) {
      expect(checkUrl(url, dev)).toBe(url);
    }
    expect(() => checkUrl('http://169.254.169.254/', dev)).toThrow('public internet');
  });
});
