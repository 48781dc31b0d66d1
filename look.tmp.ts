import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
const [path] = process.argv.slice(2);
for (const { workflowId, history } of JSON.parse(gunzipSync(readFileSync(path!)).toString())) {
  console.log('==', workflowId, history.events.length);
  for (const e of history.events) {
    const key = Object.keys(e).find((k) => k.endsWith('EventAttributes'))!;
    const a = e[key];
    console.log(e.eventId, new Date(Number(e.eventTime.seconds) * 1000 + e.eventTime.nanos / 1e6).toISOString().slice(11, 23), e.eventType.replace('EVENT_TYPE_', ''), a?.activityType?.name ?? a?.acceptedRequest?.input?.name ?? a?.signalName ?? '');
  }
}
