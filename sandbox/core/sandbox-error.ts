/** The control API's own refusal: a sentence for whoever wrote the test. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
