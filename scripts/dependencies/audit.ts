import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

const Vulnerability = Type.Object({
  name: Type.String(),
  severity: Type.String(),
  range: Type.String(),
  /** An advisory, or the name of the package that brings it in. */
  via: Type.Array(Type.Union([Type.String(), Type.Object({ title: Type.String(), url: Type.String() })])),
});

/** What `npm audit --json` prints when the registry answered, as far as it is read. */
const report = Compile(
  Type.Object({
    auditReportVersion: Type.Literal(2),
    vulnerabilities: Type.Record(Type.String(), Vulnerability),
  }),
);

/** What it prints when the registry did not, or has no advisories. */
const failure = Compile(Type.Object({ message: Type.String(), statusCode: Type.Optional(Type.Integer()) }));

/** The exit code is that of `npm run audit`. */
export type AuditOutcome =
  | { readonly exitCode: 0; readonly lines: readonly [string] }
  | { readonly exitCode: 1; readonly lines: readonly string[] }
  /** Nothing is known: neither that there are vulnerabilities, nor that there are none. */
  | { readonly exitCode: 2; readonly lines: readonly string[] };

/** Reads what `npm audit --json` printed; its exit code is 1 for vulnerabilities and for a silent registry alike. */
export function auditOutcome(printed: string): AuditOutcome {
  const answer = parsed(printed);
  if (report.Check(answer)) {
    const lines = Object.values(answer.vulnerabilities).map(line);
    if (lines.length === 0)
      return { exitCode: 0, lines: ['The registry knows of no vulnerability in what is shipped.'] };
    return { exitCode: 1, lines };
  }
  const reason = failure.Check(answer) ? `: ${answer.message}` : '';
  return {
    exitCode: 2,
    lines: [`The registry did not say whether there are vulnerabilities${reason}.`, 'Try again where one answers.'],
  };
}

function line({ name, severity, range, via }: Static<typeof Vulnerability>): string {
  const causes = via.map((cause) => (typeof cause === 'string' ? `by ${cause}` : `${cause.title} (${cause.url})`));
  return `${severity}: ${name} ${range}: ${causes.join('; ')}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
