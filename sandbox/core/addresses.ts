/** Enough for any test; a sandbox that runs for weeks must not grow with it. */
const KEEP = 10_000;

/** The addresses of the newest requests, with their queries, as a proxy's access log would have them. In memory. */
export interface Addresses {
  add(method: string, address: string): void;
  list(): readonly string[];
}

export function createAddresses(): Addresses {
  const seen: string[] = [];
  return {
    add(method, address) {
      if (seen.push(`${method} ${address}`) > KEEP) seen.shift();
    },
    list: () => seen,
  };
}
