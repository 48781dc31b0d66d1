import { ApplicationFailure } from '@temporalio/common';

export const rotatingActivities = {
  /** Never answers: fails with its facts, and is tried again in an hour. */
  async waitForNews({ secret }: { readonly secret: string }): Promise<never> {
    throw ApplicationFailure.create({
      message: `Next try in an hour, of ${secret}`,
      details: [{ v: 1, secret }],
      nextRetryDelay: '1 h',
      category: 'BENIGN',
    });
  },
};

export type RotatingActivities = typeof rotatingActivities;
