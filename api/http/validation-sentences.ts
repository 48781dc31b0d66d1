import type { FastifyError } from 'fastify';

interface Finding {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One sentence for each field that is wrong, e.g. `body: "invitation.lifetimeSeconds" must be >= 3600.` */
export function validationSentences(error: FastifyError): string[] {
  const where = error.validationContext ?? 'body';
  const findings = (error.validation ?? []) as readonly Finding[];
  // A union reports each of its branches, and then itself: the branches are noise.
  const unions = new Set(findings.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath));
  const sentences = findings
    .filter(({ keyword, instancePath }) => keyword === 'anyOf' || !unions.has(instancePath))
    .flatMap((finding) => sentencesFor(finding).map((sentence) => `${where}: ${sentence}`));
  return [...new Set(sentences)];
}

function sentencesFor({ keyword, instancePath, message, params }: Finding): string[] {
  const field = instancePath.slice(1).replaceAll('/', '.');
  const named = (name: unknown): string => `"${field === '' ? '' : `${field}.`}${String(name)}"`;
  const list = (key: string): unknown[] => [params[key]].flat();
  switch (keyword) {
    case 'required':
      return list('requiredProperties').map((name) => `${named(name)} is missing.`);
    case 'additionalProperties':
      return list('additionalProperties').map((name) => `${named(name)} is not a known field.`);
    case 'boolean':
      // Reported beside "additionalProperties", for the same field.
      return [];
    case 'enum':
      return [`"${field}" must be one of: ${list('allowedValues').join(', ')}.`];
    default:
      return [`${field === '' ? 'It' : `"${field}"`} ${message ?? 'is not valid'}.`];
  }
}
