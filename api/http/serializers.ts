import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';

type Build = ReturnType<typeof SerializerSelector>;
type Serializer = ReturnType<ReturnType<Build>>;

/**
 * Fastify's own serializers, each made once: nearly every route answers the same problems, and to make a serializer
 * checks every shared schema again.
 */
export function sharedSerializers(): Build {
  const build = SerializerSelector();
  return (externalSchemas, options) => {
    const compile = build(externalSchemas, options);
    const made = new Map<string, Serializer>();
    return (route) => {
      const key = JSON.stringify(route.schema);
      const known = made.get(key) ?? compile(route);
      made.set(key, known);
      return known;
    };
  };
}
