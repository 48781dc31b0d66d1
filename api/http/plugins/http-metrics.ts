import { Histogram } from 'prom-client';
import { secondsBuckets, type Registry } from '../../../platform/metrics.ts';
import { plugin } from '../plugin.ts';

/** By route, never by address: addresses carry ids and tokens, and would be a series each. */
export const httpMetrics = (metrics: Registry) =>
  plugin('http-metrics', [], (app) => {
    const histogram = new Histogram({
      name: 'mooring_http_request_seconds',
      help: 'Requests by method, route and status, until the last byte was sent.',
      labelNames: ['method', 'route', 'status'],
      buckets: secondsBuckets,
      registers: [metrics],
    });
    app.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? '(none)';
      // Methods are the caller's to choose: those without a route are one series.
      const method = route === '(none)' ? '(any)' : request.method;
      histogram.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
      done();
    });
  });
