import { BuiltStages } from '../../lib/dockerfile/built-stages';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';

/** The last instruction of the last stage, with its variables filled in. */
function filled(...lines: readonly string[]): string {
  const stages = new BuiltStages(Dockerfile.parse(lines.join('\n')), {});
  return stages.instructions(stages.target!).at(-1)!.words.join(' ');
}

const doubled = (keyword: string) => Array.from({ length: 60 }, (_, index) => `${keyword} A${index + 1}=\${A${index}}\${A${index}}`);

test('a value that doubles with each line is not known, and takes neither time nor memory', () => {
  const start = Date.now();
  expect(filled('FROM a', 'ENV A0=xxxxxxxxxx', ...doubled('ENV'), 'COPY a /${A60}')).toBe('a /${A60}');
  expect(filled('ARG A0=xxxxxxxxxx', ...doubled('ARG'), 'FROM a', 'ARG A60', 'COPY a /${A60}')).toBe('a /${A60}');
  expect(filled('FROM a', `ENV A=${'x'.repeat(90_000)}`, `COPY a /${'${A}'.repeat(50_000)}`)).toMatch(/^a \/\$\{A\}/);
  expect(Date.now() - start).toBeLessThan(5000);
});

test('a long value is known', () => {
  expect(filled('FROM a', `ENV A=${'x'.repeat(5000)}`, 'COPY a /$A')).toBe(`a /${'x'.repeat(5000)}`);
});

test.each(['constructor', 'toString', '__proto__'])('an argument that is called %s has no value unless it is given one', (name) => {
  expect(filled('FROM a', `ARG ${name}`, `COPY a /\${${name}}`)).toBe(`a /\${${name}}`);
  expect(filled('FROM a', `ARG ${name}=b`, `COPY a /\${${name}}`)).toBe('a /b');
});
