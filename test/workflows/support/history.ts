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

/** All of it as text, every payload decoded: what whoever reads a history can read. (Protobuf's JSON is base64.) */
export function textOf(histories: readonly History[]): string {
  const text = JSON.stringify(histories);
  const payloads = [...text.matchAll(/"data":"([^"]+)"/g)].map(([, data]) =>
    Buffer.from(data ?? '', 'base64').toString(),
  );
  return [text, ...payloads].join('\n');
}
