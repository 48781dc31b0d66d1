import { Histogram } from 'prom-client';
import { secondsBuckets, type Registry } from '../platform/metrics.ts';

/** `fetch`, measured by host and status: the clouds' hosts are few, their addresses are not. */
export function measuredFetch(request: typeof fetch, metrics: Registry): typeof fetch {
  const histogram = new Histogram({
    name: 'mooring_provider_request_seconds',
    help: 'Requests to clouds by host and status, until the headers came; status "none" = no answer.',
    labelNames: ['host', 'status'],
    buckets: secondsBuckets,
    registers: [metrics],
  });
  return async (input, init) => {
    const { host } = new URL(input instanceof Request ? input.url : input);
    const end = histogram.startTimer({ host });
    try {
      const reply = await request(input, init);
      end({ status: String(reply.status) });
      return reply;
    } catch (error) {
      end({ status: 'none' });
      throw error;
    }
  };
}
