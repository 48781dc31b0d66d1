import { variables, type Variable } from './variables.ts';

type ProcessName = 'api' | 'worker';
type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of the clouds, as the manifests declare them. */
export interface CloudVariables {
  /** Of settings that are secret: they belong to the workers alone. */
  readonly secrets: readonly string[];
  /** That replace a URL of a cloud. */
  readonly urls: readonly string[];
}

export const noClouds: CloudVariables = { secrets: [], urls: [] };

/** These belong to operators and to other servers. */
const OPERATORS = ['VAULT_TOKEN', 'POSTGRES_PASSWORD', 'POSTGRES_PWD'];

const all: readonly Variable[] = Object.values(variables);

/** Why each secret is refused that this process was given and has no use for. */
export function foreignSecrets(processName: ProcessName, environment: Environment, clouds: CloudVariables): string[] {
  const given = (name: string): boolean => Boolean(environment[name]);
  const others = othersOf(processName, clouds).filter(given);
  const owner = processName === 'api' ? 'the workers' : 'the API';
  const remedy = `take it out of the environment of the ${inWords[processName]}.`;
  return [
    ...others.map((name) => `${name} belongs to ${owner} alone: ${remedy}`),
    ...OPERATORS.filter(given).map((name) => `${name} belongs to no process of Mooring: ${remedy}`),
  ];
}

/** The environment without what belongs to another process, or to operators. */
export const ownEnvironment = <Value extends string | undefined>(
  processName: ProcessName,
  environment: Readonly<Record<string, Value>>,
  clouds: CloudVariables,
): Record<string, Value> => {
  const others = new Set([...othersOf(processName, clouds), ...OPERATORS]);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !others.has(name)));
};

const othersOf = (processName: ProcessName, { secrets }: CloudVariables): string[] => [
  ...all.filter(({ only }) => only !== undefined && only !== processName).map(({ name }) => name),
  ...(processName === 'api' ? secrets : []),
];

const inWords = { api: 'API', worker: 'worker' } as const;
