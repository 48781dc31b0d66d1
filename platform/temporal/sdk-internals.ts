/**
 * What the SDK has and does not export. Only this file reaches into its folders, so that a release which moves
 * something is met here.
 */
export {
  decodeOptionalFailureToOptionalError,
  decodeOptionalSinglePayload,
  encodeErrorToFailure,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
export { decodeSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes.js';
export { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
