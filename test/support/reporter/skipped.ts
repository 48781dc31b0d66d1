import type { TestCase, TestModule, TestSuite } from 'vitest/node';

/** One line for each suite that was skipped as a whole, and for each single test that was. */
export function skippedLines(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) => linesOf(module, module.relativeModuleId));
}

function linesOf(part: TestModule | TestSuite, name: string): string[] {
  // Left out because its set-up failed: that is a failure, told as one.
  if (part.errors().length > 0) return [];
  const tests = [...part.children.allTests()];
  const isWhole = [...part.children.allSuites()].every((suite) => suite.errors().length === 0);
  if (isWhole && tests.length > 0 && tests.every(isSkipped)) return [`${name} (${count(tests.length)})`];
  return [...part.children].flatMap((child) => {
    const childName = `${name} > ${child.name}`;
    if (child.type === 'suite') return linesOf(child, childName);
    return isSkipped(child) ? [childName] : [];
  });
}

const isSkipped = (test: TestCase): boolean => test.result().state === 'skipped';

const count = (tests: number): string => `${tests} ${tests === 1 ? 'test' : 'tests'}`;
