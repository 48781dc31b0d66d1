/** Whether an endpoint's name is the pattern, or begins with what stands before its `*`: `token.*`, `*`. */
export const fits = (pattern: string, endpoint: string): boolean =>
  pattern.endsWith('*') ? endpoint.startsWith(pattern.slice(0, -1)) : endpoint === pattern;

/** The value of the longest pattern that fits: the most particular one. */
export function mostParticular<T>(byPattern: Readonly<Record<string, T>>, endpoint: string): T | undefined {
  const [found] = Object.keys(byPattern)
    .filter((pattern) => fits(pattern, endpoint))
    .sort((one, other) => other.length - one.length);
  return found === undefined ? undefined : byPattern[found];
}
