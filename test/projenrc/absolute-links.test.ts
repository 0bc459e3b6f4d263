import * as fs from 'fs';
import * as path from 'path';
import { absoluteLinks } from '../../projenrc/absolute-links';

const REPOSITORY = 'https://git.example.com/team/library.git';

test.each([
  ['[guide](docs/steps.md)', '[guide](https://git.example.com/team/library/blob/HEAD/docs/steps.md)'],
  ['[section](docs/steps.md#add-tags), [API](API.md)', '[section](https://git.example.com/team/library/blob/HEAD/docs/steps.md#add-tags), [API](https://git.example.com/team/library/blob/HEAD/API.md)'],
  ['![a picture](bench/results.svg)', '![a picture](https://git.example.com/team/library/raw/HEAD/bench/results.svg)'],
])('%s leads to the repository', (link, absolute) => {
  expect(absoluteLinks(link, REPOSITORY, '0.0.0')).toBe(absolute);
});

test.each([
  '[elsewhere](https://docs.aws.amazon.com/)',
  '[below](#security)',
  '[mail](mailto:maintainers@example.com)',
  '```ts\nhandlers[name](event)\n```',
])('%s stays as it is', (text) => {
  expect(absoluteLinks(text, REPOSITORY, '0.0.0')).toBe(text);
});

test('the files of a release are those of its tag', () => {
  expect(absoluteLinks('[guide](docs/steps.md)', REPOSITORY, '1.2.3')).toContain('/blob/v1.2.3/docs/steps.md');
});

test('the README has links to the repository only, and they are those that it has here', () => {
  const readme = fs.readFileSync(path.join(__dirname, '../../README.md'), 'utf-8');
  const absolute = absoluteLinks(readme, REPOSITORY, '1.2.3');
  expect(absolute).not.toMatch(/\]\((?!https:\/\/|#)[\w.]+[/.]/);
  expect(absolute).toContain('![Seconds of four ways to build an image, for each kind of change](https://git.example.com/team/library/raw/v1.2.3/bench/results.svg)');
  const prefix = /https:\/\/git\.example\.com\/team\/library\/(blob|raw)\/v1\.2\.3\//g;
  expect(absolute.replace(prefix, '')).toBe(readme);
});
