import { readRsaKey, rsaBits } from '../../manifests/rsa-key.ts';

/** Google itself makes keys of 2048 bits. Customers may also upload the public half of a key of their own. */
export const tooFewOrTooManyBits = (bits: number): string =>
  `has ${bits} bits; Google's keys have 2048, and ${rsaBits.least} to ${rsaBits.most} are accepted`;

export const oddNumbers = 'has numbers that no RSA key of its size has, or that do not belong together';

/** Copied out of an environment variable, a PEM's line ends may still be two characters each. */
export const withLineEnds = (pem: string): string => pem.replaceAll('\\n', '\n');

/** What is wrong with the private key in a key file, as far as it must not even be tried. Pure. */
export function privateKeyFault(file: string): string | undefined {
  const reading = readRsaKey(withLineEnds(privateKeyIn(file)));
  switch (reading.fault) {
    case 'size':
      return `contains a private key that ${tooFewOrTooManyBits(reading.bits)}.`;
    case 'numbers':
      return `contains a private key that ${oddNumbers}.`;
    case 'unreadable':
    case null:
      // The worker says more about a file that cannot be read, with a remedy.
      return undefined;
  }
}

function privateKeyIn(file: string): string {
  try {
    const { private_key: pem } = JSON.parse(file) as { readonly private_key?: unknown };
    return typeof pem === 'string' ? pem : '';
  } catch {
    return '';
  }
}
