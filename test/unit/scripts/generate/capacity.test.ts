import { describe, expect, it } from 'vitest';
import { capacityTable } from '../../../../scripts/generate/capacity.ts';

const measured = `# Performance

### Upkeep

**One renewal**

|                    | connections | renewed/s | worker ms | temporal ms | vault ms | asleep MiB |
| ------------------ | ----------- | --------- | --------- | ----------- | -------- | ---------- |
| bare loop          | 2000        | 187       | 1         | 1           | 1        | 270        |
| Mooring            | 300         | 24        | 9         | 9           | 9        | 290        |
| Mooring, saturated | 2000        | 100       | 2         | 2           | 2        | 365        |
| Mooring            | 10000       | 27.5      | 5         | 8           | 10       | 285        |

### Another

|         | connections |
| ------- | ----------- |
| Mooring | 1           |
`;

describe('the capacity of an installation', () => {
  it('the capacity is that of the largest measurement below saturation: renewals by the cycle, cores by their cost', () => {
    const [, , ...rows] = capacityTable(measured).split('\n');
    // 10,000 connections ÷ 2,880 s = 3.47 renewals a second, of 5, 8 and 10 ms.
    expect(rows[1]).toBe('| 10,000 | 3.5 | 0.02 | 0.03 | 0.03 | 3 % |');
    expect(capacityTable(measured)).toContain('285 MiB for 10,000 connections');
  });

  it('a document without a measurement of upkeep is refused, and says how to make one', () => {
    expect(() => capacityTable('# Performance\n')).toThrow('npm run bench -- upkeep');
  });
});
