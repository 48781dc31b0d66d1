import { temporal } from '@temporalio/proto';
import type { History } from './connection.ts';

const { EventType } = temporal.api.enums.v1;
export type EventName = keyof typeof EventType;

type Event = temporal.api.history.v1.IHistoryEvent;

export const eventsOf = (history: History | undefined): readonly Event[] => history?.events ?? [];

export const eventNames = (history: History | undefined): readonly string[] =>
  eventsOf(history).map(({ eventType }) => EventType[eventType ?? 0] ?? '');

export const count = (histories: readonly History[], name: EventName): number =>
  histories.flatMap(eventNames).filter((each) => each === name).length;

/** Names of the regular activities that were scheduled. */
export const scheduled = (histories: readonly History[]): readonly string[] =>
  histories
    .flatMap(eventsOf)
    .map(({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name ?? '')
    .filter(Boolean);

/** Milliseconds from a run's first event to its last. */
export function ageMs(history: History): number {
  const times = eventsOf(history).map(({ eventTime }) => Number(eventTime?.seconds) * 1000);
  return Math.max(...times) - Math.min(...times);
}

/** All of it as text, its payloads as they are: what whoever reads a history can read. */
export const textOf = (histories: readonly History[]): string =>
  JSON.stringify(histories, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
