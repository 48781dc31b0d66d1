/** Why the stack can't run, in one sentence with the remedy: printed as it is, and the exit code is 1. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
