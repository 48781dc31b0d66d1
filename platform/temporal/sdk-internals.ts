/**
 * Functions of the SDK that its packages do not export. Only this file imports from the SDK's folders, so that a
 * release that moves a function breaks only this file.
 */
export {
  decodeOptionalFailureToOptionalError,
  decodeOptionalSinglePayload,
  encodeErrorToFailure,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
export { decodeSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes.js';
export { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
