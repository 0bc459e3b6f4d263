import { createHash } from 'crypto';
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as fc from 'fast-check';
import { BuildSecret } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { HostileApp, HostileImage, HostileTree, isVariable, linesOf } from '../../apps/hostile-app';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { readPushedImage } from '../../images/pushed-image';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// Whatever a user gives is in the image byte for byte, or the library refuses it with an error that names the image. The inputs are random, and the same on every run.

const SEED = 11;
const IMAGES = 16;

const HOSTILE = [
  '--x', '-', '-rf', '$(touch /tmp/x)', '`id`', '${HOME}', '$HOME', '$$', "'", '"', '\\', 'a\\nb', 'a\nb', '\r\n', 'a b', ' ', '\t', ';', '&&', '|', '*', '?', '[a]', '!x', '#x', '~', '%s', '%2e%2e',
  'a..b', '...', '.wh.x', '.wh..wh..opq', '.wh..wh.aufs', '.git', '.docker', '.dockerignore', '__proto__', 'constructor', '🙂', 'é', 'e\u0301', '\u202e', '\u2028', '\ufeff', '\x1b[2K', 'CON', 'a,b', 'a=b', 'type=registry', 'docker-image://x', '{}', '${AWS::Region}',
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 12 }), fc.tuple(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 5 })).map(parts => parts.join('')));
const name = text.map(given => given.replace(/[/\0]/g, '')).filter(given => !['', '.', '..', 'Dockerfile', '.dockerignore'].includes(given) && Buffer.byteLength(given) < 256);
const content = fc.oneof(fc.uint8Array({ maxLength: 50 }).map(bytes => Buffer.from(bytes)), text.map(given => Buffer.from(given)));
const link = text.map(given => ({ link: given.replace(/\0/g, '') })).filter(({ link: target }) => target !== '');

/** Nothing is below a file, and no file is where a directory is. */
function tree(most: number): fc.Arbitrary<HostileTree> {
  const given = fc.oneof({ weight: 4, arbitrary: content as fc.Arbitrary<Buffer | { link: string }> }, link);
  const entry = fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), given);
  return fc.array(entry, { minLength: most / 2, maxLength: most }).map(entries => {
    const files = new Map<string, Buffer | { link: string }>();
    for (const [parts, what] of entries) {
      const file = parts.join('/');
      if (![...files.keys()].some(other => `${file}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${file}/`))) files.set(file, what);
    }
    return files;
  });
}

const argument = fc.tuple(fc.oneof({ weight: 3, arbitrary: fc.stringMatching(/^ARG_[A-Za-z0-9_]{1,6}$/) }, text), fc.oneof({ weight: 9, arbitrary: text }, fc.constantFrom('x'.repeat(99_999), '"'.repeat(100_001))));
const contextName = fc.oneof(fc.constantFrom('scratch', 'busybox', 'localhost:5000/a:b'), fc.stringMatching(/^[a-z\d]{1,3}([._/:-][a-z\d._-]{0,4}){0,2}$/), text);
const image: fc.Arbitrary<HostileImage> = fc.record({
  id: name,
  files: tree(30),
  contexts: fc.array(fc.tuple(contextName, tree(4)), { maxLength: 4 }).map(contexts => new Map(contexts)),
  buildArgs: fc.array(argument, { maxLength: 20 }).map(given => new Map(given)),
});

const home = { account: '111111111111', region: 'eu-west-1' };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [home] });
  await publishBaseImages(lab.registry);
}, 600_000);

afterAll(async () => lab.stop());

/** The image without what the library refuses of it; counts what that is. */
function accepted(given: HostileImage, refused: string[]): HostileImage {
  const takes = (part: Partial<HostileImage>): boolean => {
    try {
      new HostileApp(lab).add({ id: 'Image', files: new Map(), contexts: new Map(), buildArgs: new Map(), ...part });
      return true;
    } catch (error) {
      refused.push((error as Error).message);
      return false;
    }
  };
  return {
    id: takes({ id: given.id }) ? given.id : 'Image',
    files: new Map([...given.files].filter(entry => takes({ files: new Map([entry]) }))),
    contexts: new Map([...given.contexts].filter(entry => takes({ contexts: new Map([entry]) }))),
    buildArgs: new Map([...given.buildArgs].filter(entry => takes({ buildArgs: new Map([entry]) }))),
  };
}

test('names and contents of files, links, build arguments and named contexts arrive as they are given', async () => {
  const refused: string[] = [];
  const app = new HostileApp(lab);
  const images = fc.sample(image, { seed: SEED, numRuns: IMAGES }).map((given, index) => ({ ...accepted(given, refused), id: `${index}${given.id}` }));
  images.forEach(given => app.add(given));
  const trees = images.flatMap(({ files, contexts }) => [files, ...contexts.values()]);
  const counts = [...trees, ...images.map(({ buildArgs }) => buildArgs)].map(({ size }) => size);
  expect(counts.reduce((all, one) => all + one, trees.length)).toBeGreaterThan(400);
  expect(refused.filter(message => !/^'Hostile\/.*': ./s.test(message))).toEqual([]);

  const build = await app.build();
  expectSuccess(build);
  for (const [index, { files, contexts, buildArgs }] of images.entries()) {
    const { config, tree: lines } = await readPushedImage(lab.registry, build.addresses[index]);
    const expected = [...linesOf(files, '/files'), ...[...contexts.values()].flatMap((given, place) => linesOf(given, `/contexts/${place}`))];
    const found = lines.filter(line => !/ directory \d+ 0:0 $/.test(line) && !line.startsWith('/files/Dockerfile '));
    expect(found.sort()).toEqual(expected.sort());
    const seen = Object.fromEntries((config as { Env?: string[] }).Env!.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    for (const [argumentName, value] of buildArgs) if (isVariable(argumentName)) expect(seen[`SEEN_${argumentName}`]).toBe(value);
  }
});

test('secrets of any ids, fields and values reach the step that mounts them', async () => {
  const ids = fc.sample(fc.oneof(fc.stringMatching(/^[\w.-]{1,8}$/), fc.constantFrom('-', '--', '.', '..', '--ssh', '__proto__', 'PATH', 'HOME')), { seed: SEED, numRuns: 30 });
  const values = fc.sample(text.filter(value => value !== '' && !value.includes('\0')), { seed: SEED, numRuns: 30 });
  const secrets = Object.fromEntries(ids.map((id, index) => [id, values[index]]));
  const fields = Object.keys(secrets).map((id, index) => [id, `field"'$\\${index}`]);
  await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', 'hostile', '--secret-string', JSON.stringify(Object.fromEntries(fields.map(([id, field]) => [field, secrets[id]]))));
  const secret = Secret.fromSecretNameV2(new Stack(new App(), 'Elsewhere', { env: home }), 'Secret', 'hostile');
  const app = new ExampleApp(lab, { name: 'HostileSecrets', images: { Report: { buildSecrets: Object.fromEntries(fields.map(([id, field]) => [id, BuildSecret.secretsManager(secret, field)])) } } });
  const mounts = fields.map(([id], index) => `--mount=type=secret,id=${id},target=/secrets/${index}`);
  app.write('report/Dockerfile', `FROM docker.io/library/busybox:stable\nRUN ${mounts.join(' ')} cd /secrets && sha256sum * > /sums\n`);
  const { image: address } = expectSuccess(await app.build('Report')) as ExampleBuild;
  const sums = (await imageFile(lab.registry, address, (await lab.registry.manifest(address)).manifest, 'sums')).toString();
  const expected = fields.map(([id], index) => `${createHash('sha256').update(secrets[id]).digest('hex')}  ${index}`);
  expect(sums.trim().split('\n').sort()).toEqual(expected.sort());
});
