import * as fs from 'fs';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => {
  app = apps();
  app.image('Api');
  app.image('Report');
});

const COMMANDS = ['list', 'explain', 'build', 'doctor', 'report', 'prepare-assets'];

test.each([[['--help']], [['-h']]])('%j shows all commands', async (args) => {
  const { code, lines, stderr } = await app.run(...args);
  expect([code, stderr, lines[0]]).toEqual([0, '', 'Usage: cdk-cached-docker-build [options] [command]']);
  for (const command of COMMANDS) expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^  ${command}( |$)`)));
});

test.each(COMMANDS)('%s --help shows how it is called', async (command) => {
  const { code, lines, stderr } = await app.run(command, '--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(lines[0]).toMatch(new RegExp(`^Usage: cdk-cached-docker-build ${command} \\[options\\]`));
});

test.each([
  ['no command', [], /^Usage: cdk-cached-docker-build /],
  ['a command that there is not', ['lst'], /^error: unknown command 'lst'\n\(Did you mean list\?\)\n$/],
  ['an option that there is not', ['list', '--jsn'], /^error: unknown option '--jsn'\n\(Did you mean --json\?\)\n$/],
  ['an argument too much', ['list', 'Api'], /^error: too many arguments for 'list'. Expected 0 arguments but got 1.\n$/],
  ['an argument too few', ['explain'], /^error: missing required argument 'image'\n$/],
  ['a report without a page', ['report'], /^error: required option '--html <page>' not specified\n$/],
  ['an option without its value', ['list', '--app'], /^error: option '-a, --app <folder>' argument missing\n$/],
])('%s is said in a sentence, and ends with 2', async (_, args, message) => {
  const { code, lines, stderr } = await app.run(...args);
  expect([code, lines]).toEqual([2, []]);
  expect(stderr).toMatch(message);
});

test.each([
  [['explain', 'Apo'], "ERROR: the app has no image 'Apo'. It has: Api, Report"],
  [['build', 'Api', 'Apo'], "ERROR: the app has no image 'Apo'. It has: Api, Report"],
  [['build'], 'ERROR: name the images to build, or give --all: Api, Report'],
  [['build', '--no-push'], 'ERROR: name the images to build, or give --all: Api, Report'],
  [['build', '--all', 'Api'], 'ERROR: name images, or give --all, and not both'],
  [['list', '--app', '/no/such/folder'], expect.stringMatching(/^ERROR: \/no\/such\/folder is no cloud assembly: synthesize the app/)],
])('%j is a mistake: the program says what to do, does nothing, and ends with 2', async (args, message) => {
  const { code, lines, stderr } = await app.run(...args);
  expect([code, lines.at(-1), stderr]).toEqual([2, message, '']);
  expect([app.registry.requests, app.built]).toEqual([[], []]);
});

test('an image of which there are two with the same name is told by its plan', async () => {
  fs.copyFileSync(`${app.assembly}/image-Api.json`, `${app.assembly}/image-Other.json`);
  app.has('Api');
  expect((await app.run('build', 'Api')).lines.at(-1)).toBe("ERROR: 2 images are called 'Api': name the plan of one of them instead, image-Api.json or image-Other.json");
  expect((await app.run('build', 'image-Other.json')).code).toBe(0);
});

test('an image is built by its name as it is by its plan', async () => {
  app.has('Api');
  expect((await app.run('build', 'Api')).lines).toContain(`image         ${app.registry.host}/team/api:v1`);
});

test('a mistake in front of --json is said on the standard error', async () => {
  const { code, lines, stderr } = await app.run('explain', 'Apo', '--json');
  expect([code, lines]).toEqual([2, []]);
  expect(stderr).toBe("\nERROR: the app has no image 'Apo'. It has: Api, Report\n");
});

test('what was typed reaches no terminal as it is', async () => {
  const typed = '\x1b]0;title\x07\x1b[2Jx\u202e';
  for (const args of [[typed], ['list', `--${typed}`], ['explain', typed], ['list', '--app', typed]]) {
    const { lines, stderr } = await app.run(...args);
    // eslint-disable-next-line no-control-regex
    expect([...lines, stderr].join('\n')).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

test('prepare-assets prints the path of a program', async () => {
  const { code, lines } = await app.run('prepare-assets');
  expect([code, lines.length, fs.existsSync(lines[0])]).toEqual([0, 1, true]);
});
