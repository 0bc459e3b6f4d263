import * as fs from 'fs';
import * as path from 'path';
import { DockerBuilder } from '../lib';

const root = path.join(__dirname, '..');
const read = (...names: string[]) => fs.readFileSync(path.join(root, ...names), 'utf-8');
const readme = read('README.md');

/** Everything that can say something to a user. */
const sources = ['lib', 'runner']
  .flatMap((folder) => fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf-8' }).filter((name) => name.endsWith('.ts')).map((name) => read(folder, name)))
  .join('\n')
  .replace(/'/g, '');

const messages = [...read('docs', 'troubleshooting.md').matchAll(/^### `(.+)`$/gm)].map(([, message]) => message);

test('messages are explained', () => {
  expect(messages.length).toBeGreaterThan(20);
});

test.each(messages)('a message that is explained exists: %s', (message) => {
  const pieces = message.replace(/^(ERROR|WARNING): /, '').split('...').map((piece) => piece.replace(/'/g, '').trim()).filter((piece) => piece.length > 3);
  expect(pieces.length).toBeGreaterThan(0);
  expect(pieces.filter((piece) => !sources.includes(piece))).toEqual([]);
});

test('every hint is explained, and every hint that is explained exists', () => {
  const hints = [...sources.matchAll(/(?:cdk-cached-docker-build:|\b(?:info|warning|difference)\()(\w+)/g)].map(([, id]) => id).filter((id) => id !== 'id');
  const rows = read('docs', 'advice.md').split('\n').filter((line) => /^\| `.* \| (info|warning) \|/.test(line));
  const explained = rows.flatMap((row) => [...row.split('|')[1].matchAll(/`(\w+)`/g)].map(([, id]) => id));
  expect([...new Set(explained)].sort()).toEqual([...new Set(hints)].sort());
});

const pages = ['README.md', ...fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => path.join('docs', name))];

/** What links to a section of a page call it. */
function sections(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w -]/g, '').replace(/ /g, '-'));
}

test.each(pages)('every link of %s leads to a file, and to a section of it', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]+))?\)/g)];
  for (const [, file, section] of links) {
    const target = file === '' ? page : path.join(path.dirname(page), file);
    expect([target, fs.existsSync(path.join(root, target))]).toEqual([target, true]);
    if (section) expect(sections(target)).toContain(section);
  }
});

test('every guide is linked from another page', () => {
  for (const page of pages.slice(1)) {
    const others = pages.filter((other) => other !== page).map((other) => read(other)).join('\n');
    expect(others).toMatch(new RegExp(`\\]\\((docs/)?${path.basename(page)}[)#]`));
  }
});

test('the BuildKit that is started is the one that builds are played with', () => {
  const [, version] = /github\.com\/moby\/buildkit (v\S+)/.exec(read('integ', 'local', 'parts', 'go.mod'))!;
  expect(DockerBuilder.buildkit()._bound.settings).toMatchObject({ buildkitImage: expect.stringMatching(new RegExp(`^moby/buildkit:${version}@sha256:[0-9a-f]{64}$`)) });
  for (const page of ['builders.md', 'remote-builders.md']) expect(read('docs', page)).toContain(`/buildkit:${version}`);
});

test('the README names the lowest aws-cdk-lib that is supported', () => {
  const lowest = JSON.parse(read('package.json')).peerDependencies['aws-cdk-lib'].replace('^', '');
  expect(readme).toContain(`Works with aws-cdk-lib ${lowest} and later`);
});
