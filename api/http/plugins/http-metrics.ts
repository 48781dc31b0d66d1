import { Histogram } from 'prom-client';
import { secondsBuckets, type Registry } from '../../../platform/metrics.ts';
import { plugin } from '../plugin.ts';

/** Labelled by route and not by URL: URLs contain ids and tokens, and each would become a time series. */
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
      // The caller chooses the method, so requests without a route share one label.
      const method = route === '(none)' ? '(any)' : request.method;
      histogram.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
      done();
    });
  });
