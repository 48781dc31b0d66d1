import { defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  batchMessages,
  MOST_ITEMS,
  type AddItemsCommand,
  type AddItemsReply,
  type BatchInput,
  type BatchView,
} from '../../contracts/batches.ts';
import type { Command } from '../../contracts/messages.ts';
import { rejectionFailure } from '../connection/failures.ts';
import type { Rejection } from '../connection/guards.ts';
import { added, additionOf, cancelled, fits, viewOf, type BatchState } from './state.ts';

/** The state that the handlers change; the main loop acts on it. */
export interface Held {
  state: BatchState;
}

/** Answers every message of a batch. `changed` wakes the main loop. */
export function handleMessages(input: BatchInput, held: Held, changed: () => void): void {
  const view = (): BatchView => viewOf(input, held.state);
  setHandler(defineQuery<BatchView>(batchMessages.view), view);
  setHandler(defineQuery<string>(batchMessages.outcomes), () => held.state.outcomes);
  setHandler(
    defineUpdate<AddItemsReply, [AddItemsCommand]>(batchMessages.addItems),
    ({ ref, count, requestId }) => {
      const before = additionOf(held.state, requestId);
      if (before) return { view: view(), from: before.from };
      const from = held.state.outcomes.length;
      held.state = added(held.state, { ref, count, requestId: requestId ?? null });
      changed();
      return { view: view(), from };
    },
    { validator: (command) => refuse(additionFault(input, held.state, command)) },
  );
  setHandler(
    defineUpdate<BatchView, [Command]>(batchMessages.cancel),
    () => {
      held.state = cancelled(held.state);
      changed();
      return view();
    },
    { validator: (command) => refuse(strangerFault(input, command)) },
  );
}

function refuse(rejection: Rejection | undefined): void {
  if (rejection) throw rejectionFailure(rejection);
}

/** To another tenant the batch does not exist. Any client of Temporal can send anything. */
function strangerFault({ tenant }: BatchInput, command: Command | null | undefined): Rejection | undefined {
  if (command?.tenant === tenant) return undefined;
  return {
    kind: 'not_found',
    code: 'batch_not_found',
    message: 'There is no such batch.',
    remedy: 'Check the id.',
  };
}

const REFERENCE = /^[A-Za-z0-9_.:=-]{1,100}$/;

function additionFault(input: BatchInput, state: BatchState, command: AddItemsCommand): Rejection | undefined {
  const fault = strangerFault(input, command);
  if (fault) return fault;
  const { ref, count, requestId } = command;
  const isReference = (value: unknown): boolean => typeof value === 'string' && REFERENCE.test(value);
  if (
    !isReference(ref) ||
    !Number.isInteger(count) ||
    count < 1 ||
    (requestId !== undefined && !isReference(requestId))
  ) {
    return {
      kind: 'unprocessable',
      code: 'malformed_message',
      message: "The message is not one of Mooring's: it names no stored items.",
      remedy: 'Use the API.',
    };
  }
  if (additionOf(state, requestId)) return undefined;
  if (state.isCancelled || state.isOver) {
    return {
      kind: 'conflict',
      code: 'batch_ended',
      message: `The batch ${state.isCancelled ? 'was cancelled' : 'has closed'} and takes no items any more.`,
      remedy: 'Create a new batch: POST /v1/batches.',
    };
  }
  if (fits(state, count)) return undefined;
  return {
    kind: 'conflict',
    code: 'batch_full',
    message: `The batch has ${state.outcomes.length} items; with these it would have more than ${MOST_ITEMS}, or more requests than it takes.`,
    remedy: 'Create a new batch for the others: POST /v1/batches.',
  };
}
