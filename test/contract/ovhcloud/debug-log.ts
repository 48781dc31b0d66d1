/**
 * What `--debug` prints, one entry for each request and response that was printed whole. Answers cross each other
 * and the recording cuts them off, so entries are compared, not lines; dates, ports and lengths differ by run.
 */
export function debugEntries(stderr: string): string[] {
  return stderr
    .replaceAll('\r', '')
    .split(/^<time> /m)
    .filter((entry) => entry.trimEnd().endsWith('-'.repeat(53)))
    .map((entry) =>
      entry
        .replace(/^(GET|POST) (?:\/r\/\w+\/\w+)?/m, '$1 ')
        .replace(/^(Host: 127\.0\.0\.1):\d+/m, '$1')
        .replace(/^(Connection|Keep-Alive|Content-Length|Date|Server|X-Ovh-Queryid): .*\n/gm, '')
        .trimEnd(),
    );
}
