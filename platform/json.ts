/** Values that `JSON.parse(JSON.stringify(x))` does not change: only these cross a process boundary. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
