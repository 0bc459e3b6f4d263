import { measuredChanges } from '../../../bench/strategies/measured-changes';
import { baseline, shown, strategies } from '../../../bench/strategies/strategies';
import { changes, dockerfiles } from '../../../bench/workload/workload';

test('what the README shows is measured, so that it has no holes', () => {
  const rows = strategies.filter(({ name }) => shown.includes(name));
  expect(rows).toHaveLength(shown.length);
  for (const { name, forgets } of rows) {
    const missing = changes.filter(change => !measuredChanges(name, 'A').includes(change));
    expect([name, forgets ? missing.filter(change => change === 'cold') : missing]).toEqual([name, []]);
  }
});

test('each Dockerfile is built without a cache, and in every way that the default of this library has', () => {
  for (const dockerfile of Object.keys(dockerfiles)) {
    expect(measuredChanges(baseline.name, dockerfile)).toContain('cold');
    expect(measuredChanges('registry', dockerfile)).toEqual(changes);
  }
});

test('each row begins with a first build, and is built with one Dockerfile at least', () => {
  for (const { name } of strategies) {
    const measured = Object.keys(dockerfiles).map(dockerfile => measuredChanges(name, dockerfile)).filter(({ length }) => length > 0);
    expect(measured.length).toBeGreaterThan(0);
    for (const some of measured) expect([some[0], changes.filter(change => some.includes(change))]).toEqual(['cold', some]);
  }
});
