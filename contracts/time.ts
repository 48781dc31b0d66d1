/** ISO 8601 in UTC, from Unix milliseconds. */
export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
