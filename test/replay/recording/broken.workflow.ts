/** A build with a mistake in it: each workflow task of a connection fails. */
export async function connection(): Promise<never> {
  throw new TypeError('A mistake in a build that was never released.');
}
