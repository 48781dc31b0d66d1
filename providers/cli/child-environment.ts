import { Secret } from '../../platform/secret.ts';

/** A Secret's value goes into the child's environment and nowhere else. */
export type ChildVariables = Readonly<Record<string, string | Secret<string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program may need of this process's environment: how to find programs, reach the network and trust it. */
const PASSED_ON: readonly string[] = [
  'PATH',
  'TZ',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Nothing is inherited but the allow-list; the child's home and its temporary files are in its own folder. */
export function childEnvironment(own: Environment, variables: ChildVariables, folder: string): Record<string, string> {
  const passed = PASSED_ON.map((name) => [name, own[name]] as const).filter(
    (entry): entry is readonly [string, string] => entry[1] !== undefined,
  );
  const given = Object.entries(variables).map(([name, value]) => [name, revealed(value)]);
  return { ...Object.fromEntries(passed), HOME: folder, TMPDIR: folder, ...Object.fromEntries(given) };
}

/** The values that must not show up anywhere else. */
export const secretValues = (variables: ChildVariables): string[] =>
  Object.values(variables)
    .filter((value) => value instanceof Secret)
    .map((secret) => secret.reveal())
    .filter((value) => value !== '');

const revealed = (value: string | Secret<string>): string => (value instanceof Secret ? value.reveal() : value);
