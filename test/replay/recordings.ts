import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { temporal } from '@temporalio/proto';
import type { ConnectionInput } from '../../contracts/messages.ts';
import type { ConnectionState } from '../../workflows/connection/phases.ts';

export type History = temporal.api.history.v1.IHistory;

const { History: Message } = temporal.api.history.v1;
const folder = import.meta.dirname;

/** The version that the code is. */
export const { version: currentVersion } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')) as {
  version: string;
};

/** A history in the form that is kept: Temporal's JSON of it. */
export type HistoryJson = Record<string, unknown>;

/** One run of a workflow, as a file of recordings has it. */
export interface KeptRun {
  readonly workflowId: string;
  readonly history: HistoryJson;
}

export interface RecordedRun {
  readonly version: string;
  /** The life that it was recorded from: the file's name. */
  readonly life: string;
  readonly workflowId: string;
  readonly type: string;
  /** Payloads are sealed with the recording keys. */
  readonly history: History;
}

/** What a run of an older build handed to the next one. */
export interface CarriedState {
  readonly version: string;
  readonly name: string;
  readonly input: ConnectionInput;
  readonly state: ConnectionState;
}

const recordedVersions = (): readonly string[] => readdirSync(join(folder, 'histories')).toSorted();

const filesOf = (kind: 'histories' | 'states', ending: string) =>
  recordedVersions().flatMap((version) =>
    readdirSync(join(folder, kind, version))
      .filter((file) => file.endsWith(ending))
      .toSorted()
      .map((file) => ({ version, name: file.slice(0, -ending.length), path: join(folder, kind, version, file) })),
  );

/** Every run of every life of every version. */
export const recordedRuns = (): readonly RecordedRun[] =>
  filesOf('histories', '.json.gz').flatMap(({ version, name, path }) =>
    (JSON.parse(gunzipSync(readFileSync(path)).toString()) as readonly KeptRun[]).map(({ workflowId, history }) => {
      const read = Message.fromObject(history);
      const { workflowType } = read.events[0]?.workflowExecutionStartedEventAttributes ?? {};
      return { version, life: name, workflowId, type: workflowType?.name ?? '', history: read };
    }),
  );

export const carriedStates = (): readonly CarriedState[] =>
  filesOf('states', '.json').map(({ version, name, path }) => ({
    version,
    name,
    ...(JSON.parse(readFileSync(path, 'utf8')) as Pick<CarriedState, 'input' | 'state'>),
  }));

/** In the form that is kept. */
export const toKept = (history: History): HistoryJson =>
  Message.toObject(Message.create(history), { longs: String, bytes: String, enums: String });
