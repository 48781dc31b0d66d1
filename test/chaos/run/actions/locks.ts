/** Who acts on which process or link, so that two actions do not undo each other. */
export interface Locks {
  /** Answers how to give them back; undefined where one of them is taken. */
  tryTake(names: readonly string[]): (() => void) | undefined;
  /** Waits its turn. */
  take(name: string): Promise<() => void>;
}

export function createLocks(): Locks {
  const taken = new Set<string>();
  const waiting: (() => void)[] = [];

  function tryTake(names: readonly string[]): (() => void) | undefined {
    if (names.some((name) => taken.has(name))) return undefined;
    for (const name of names) taken.add(name);
    return () => {
      for (const name of names) taken.delete(name);
      for (const look of waiting.splice(0)) look();
    };
  }

  return {
    tryTake,
    async take(name) {
      for (;;) {
        const release = tryTake([name]);
        if (release) return release;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
