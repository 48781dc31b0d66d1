/** What the driver and the worker of the baseline know of each other. Workflow types are the functions' names. */
export const bareQueue = 'bare';
export const bareWorkflows = { loop: 'bareLoop', onboarding: 'bareOnboarding' } as const;
export const callbackSignal = 'callback';

/** What the worker process reads from its environment. */
export interface BareSettings {
  readonly temporal: string;
  /** A file. */
  readonly workflowBundle: string;
  readonly namespace: string;
  readonly vault: string;
  readonly mount: string;
  readonly vaultToken: string;
}
