/** What survives `JSON.parse(JSON.stringify(x))` unchanged: the only shapes that cross a process boundary. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
