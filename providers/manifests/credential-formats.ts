import type { CredentialFormat, LeasedFields, MethodManifest } from './types.ts';

/** Every format of a method beside the API's own JSON: its own, and those that follow from its variables. Pure. */
export const credentialFormatsOf = ({
  credentialFormats = [],
  variables,
}: Pick<MethodManifest, 'credentialFormats' | 'variables'>): readonly CredentialFormat[] => [
  ...credentialFormats,
  {
    id: 'environment',
    contentType: 'text/plain; charset=utf-8',
    render: (lease) =>
      Object.entries(valuesOf(variables, lease))
        .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
        .join(''),
  },
  {
    id: 'variables',
    contentType: 'application/json',
    render: (lease) => `${JSON.stringify(valuesOf(variables, lease))}\n`,
  },
];

function valuesOf(variables: MethodManifest['variables'], lease: LeasedFields): Record<string, string> {
  const facts = { ...lease.fields, region: lease.region, expiresAt: lease.expiresAt };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, source]) => {
      const value = (facts as Readonly<Record<string, string | null>>)[source];
      return value == null ? [] : [[name, value]];
    }),
  );
}

/** For a shell. The cloud decides what is in a token: it must not end the quotes. */
const quoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;
