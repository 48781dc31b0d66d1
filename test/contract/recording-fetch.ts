interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
}

/** `fetch` itself, with a list of what it was asked. */
export function createRecordingFetch() {
  const requests: Recorded[] = [];
  const recordingFetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    requests.push({ method: request.method, path: pathname, token: request.headers.get('x-vault-token') });
    return await fetch(input, init);
  };
  return {
    fetch: recordingFetch,
    requests,
    count: (path: string): number => requests.filter((request) => request.path.endsWith(path)).length,
    /** The token of the newest request that had one. */
    lastToken: (): string => requests.findLast(({ token }) => token !== null)?.token ?? '',
  };
}
