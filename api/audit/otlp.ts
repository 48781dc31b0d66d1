import type { AuditLine } from '../../stores/audit/line.ts';

/** Severity numbers of OpenTelemetry's logs data model. */
const severities = {
  done: { severityNumber: 9, severityText: 'INFO' },
  refused: { severityNumber: 13, severityText: 'WARN' },
  failed: { severityNumber: 17, severityText: 'ERROR' },
} as const;

/**
 * A line as `LogsData` of OTLP in JSON, one document a line, as OpenTelemetry's file exporter writes them. Names are
 * those of the semantic conventions where there is one. 64-bit numbers are strings (OTLP, "JSON Protobuf Encoding").
 */
export function otlpLogs(line: AuditLine): object {
  const logRecord = {
    timeUnixNano: nanoseconds(line.at),
    observedTimeUnixNano: nanoseconds(line.recordedAt),
    ...severities[line.outcome],
    eventName: 'mooring.audit',
    body: { stringValue: `${line.action}: ${line.outcome}` },
    attributes: attributesOf({
      'client.address': line.address,
      'http.response.status_code': line.status,
      'error.type': line.code,
      'mooring.actor.kind': line.actor?.kind ?? null,
      'mooring.actor.id': line.actor?.id ?? null,
      'mooring.tenant': line.tenant,
      'mooring.action': line.action,
      'mooring.connection': line.connection,
      'mooring.target': line.target,
      'mooring.outcome': line.outcome,
      'mooring.request.id': line.requestId,
      'mooring.request.caller_id': line.callerRequestId,
      'mooring.count': line.count,
      'mooring.last_at': line.lastAt,
      'mooring.audit.chain': line.chain,
      'mooring.audit.seq': line.seq,
      'mooring.audit.previous': line.previous,
      'mooring.audit.hash': line.hash,
      'mooring.audit.key_id': line.keyId,
      'mooring.audit.mac': line.mac,
    }),
  };
  const resource = { attributes: attributesOf({ 'service.name': 'mooring-api' }) };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'mooring.audit' }, logRecords: [logRecord] }] }] };
}

const nanoseconds = (at: string): string => `${Date.parse(at)}000000`;

const attributesOf = (values: Readonly<Record<string, string | number | null>>) =>
  Object.entries(values).flatMap(([key, value]) => {
    if (value === null) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
