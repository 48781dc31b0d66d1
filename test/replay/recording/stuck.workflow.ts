/** A workflow task that is still under way when its worker is killed. */
export async function connection(): Promise<never> {
  for (;;);
}
