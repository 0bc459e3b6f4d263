import { checkDocker } from '../../../runner/doctor/check-docker';
import { Finding } from '../../../runner/doctor/finding';
import { Answer, BuildMachine } from '../testhelpers/build-machine';

const INFO = { ServerVersion: '28.5.2', DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']], DockerRootDir: '/var/lib/docker' };
const CLASSIC = { ...INFO, DriverStatus: [['Backing Filesystem', 'extfs']] };

let machine: BuildMachine;

beforeEach(() => { machine = new BuildMachine(); });

/** What is found where `docker` answers like this. */
async function found(answers: { [pattern: string]: Answer } = {}, environment: { [name: string]: string } = {}): Promise<[string, string, string][]> {
  machine.tell('docker', {
    '--version': { stdout: 'Docker version 28.5.2, build x\n' },
    'buildx version': { stdout: 'github.com/docker/buildx v0.29.1 x\n' },
    'info *': { stdout: JSON.stringify(INFO) },
    ...answers,
  });
  return texts((await checkDocker({ ...machine.env, ...environment })).findings);
}

function texts(findings: readonly Finding[]): [string, string, string][] {
  return findings.map(({ result, check, text }) => [result, check, text]);
}

test('a Docker that is able is fine, and nothing is started', async () => {
  expect(await found()).toEqual([
    ['ok', 'docker', 'Docker version 28.5.2, build x'], ['ok', 'buildx', '0.29.1'],
    ['ok', 'engine', '28.5.2, with the image store of containerd'], ['ok', 'builder', 'the BuildKit of the engine'],
  ]);
  expect(machine.argumentsOf('docker').flat()).not.toContain('--bootstrap');
});

test('with the classic store, it says what else is started for builds that push', async () => {
  expect((await found({ 'info *': { stdout: JSON.stringify(CLASSIC) } })).slice(2)).toEqual([
    ['ok', 'engine', '28.5.2, with the classic image store'], ['ok', 'builder', expect.stringContaining('a second engine or a container with BuildKit is started')],
  ]);
});

test('where there is no Docker, nothing else is asked for', async () => {
  expect(await checkDocker(machine.env)).toEqual({
    findings: [{ result: 'problem', check: 'docker', text: 'there is no program `docker` on the PATH', todo: 'install Docker, with buildx' }],
  });
});

test('a Docker that does not work is a problem', async () => {
  expect(await found({ '--version': { code: 1, stderr: 'Segmentation fault\n' } })).toEqual([['problem', 'docker', '`docker` does not work: Segmentation fault']]);
});

test.each([
  ['that is not there', { code: 1, stderr: "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information\n" }, 'there is no `docker buildx`'],
  ['that is too old', { stdout: 'github.com/docker/buildx v0.12.1 x\n' }, 'it is 0.12.1, and 0.13 is needed'],
  ['that says something else', { stdout: 'hello\n' }, '`docker buildx` does not work: it does not say its version'],
])('a buildx %s is a problem', async (_, answer, text) => {
  expect((await found({ 'buildx version': answer }))[1]).toEqual(['problem', 'buildx', text]);
});

test.each([['an error', { code: 1, stderr: 'permission denied while trying to connect\n' }], ['only the client', { stdout: '{"ServerVersion":""}' }], ['something else', { stdout: 'hello' }]])(
  'an engine that answers with %s is a problem, with the reason of Docker', async (_, info) => {
    expect((await found({ 'info *': info, 'version *': { code: 1, stderr: 'permission denied while trying to connect\n' } })).slice(2)).toEqual([
      ['problem', 'engine', 'no Docker engine answers: permission denied while trying to connect'],
    ]);
  });

test('an engine that does not answer is said with its address, and is only a warning where another builder pushes', async () => {
  const answers = { 'info *': { code: 1 }, 'version *': { code: 1, stderr: 'refused\n' }, 'buildx inspect far': {} };
  expect((await found(answers, { DOCKER_HOST: 'tcp://far:2376', BUILDX_BUILDER: 'far' })).slice(2)).toEqual([
    ['warning', 'engine', 'no Docker engine answers at tcp://far:2376, which DOCKER_HOST names: refused'], ['ok', 'builder', "'far', which BUILDX_BUILDER names"],
  ]);
});

test('a builder that does not answer is a warning, since another one takes its place', async () => {
  expect((await found({ 'buildx inspect gone': { code: 1, stderr: 'ERROR: no builder "gone" found\n' } }, { BUILDX_BUILDER: 'gone' })).at(-1)).toEqual([
    'warning', 'builder', '\'gone\', which BUILDX_BUILDER names, does not answer, so another one would be used: ERROR: no builder "gone" found',
  ]);
});
