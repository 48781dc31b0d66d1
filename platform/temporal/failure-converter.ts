import { DefaultFailureConverter } from '@temporalio/common';

/** Moves messages and stack traces of failures into an encoded attribute, so that the payload codec covers them. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
