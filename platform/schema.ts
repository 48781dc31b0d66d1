import { Type, type TSchema } from 'typebox';

/** Of the schema, or null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Of the schema, or null, or left out. */
export const maybe = <T extends TSchema>(schema: T) => Type.Optional(nullable(schema));
