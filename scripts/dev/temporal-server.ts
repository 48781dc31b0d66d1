import { searchAttributes } from '../../contracts/search-attributes.ts';

export interface TemporalServerOptions {
  readonly port: number;
  /** Null = no UI. */
  readonly ui: { readonly port: number; readonly codecEndpoint: string } | null;
  /** Null = in memory. */
  readonly databaseFile: string | null;
  readonly namespace: string;
}

/** Without these settings SQLite needs five times the CPU time, and answers eight times slower. */
const fastSqlite = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];

/** As deploy/temporal/dynamic-config.yaml: without these, priority and fairness keys are accepted and ignored. */
const fairness = ['matching.useNewMatcher=true', 'matching.enableFairness=true'].flatMap((value) => [
  '--dynamic-config-value',
  value,
]);

/** Arguments of `temporal` for its development server, with Mooring's search attributes registered. */
export function temporalServerArguments({ port, ui, databaseFile, namespace }: TemporalServerOptions): string[] {
  const fixed = ['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'];
  const asked = ['--port', String(port), '--namespace', namespace];
  const web = ui
    ? ['--ui-ip', '127.0.0.1', '--ui-port', String(ui.port), '--ui-codec-endpoint', ui.codecEndpoint]
    : ['--headless'];
  const database = databaseFile === null ? [] : ['--db-filename', databaseFile, ...fastSqlite];
  const attributes = Object.values(searchAttributes).flatMap(({ name, type }) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return [...fixed, ...asked, ...web, ...database, ...fairness, ...attributes];
}
