import { brotliCompressSync } from 'zlib';
import { BuildInputs } from '../../../runner/reason/build-inputs';
import { lastBuildFromText, lastBuildToText } from '../../../runner/record/last-build';

const INPUTS: BuildInputs = {
  others: '0a1b',
  stages: [{ name: 'builder', from: '1234', defaults: '5678', lines: [['RUN', '9abc'], ['ARG', 'def0', '1111']] }, { from: '2222', defaults: '3333', lines: [] }],
  buildArgs: { LEVEL: '4444' },
  baseImages: { 'docker.io/library/python:3.12': '5555' },
  files: { '': { digests: { 'app.py': '6666' } }, 'shared': { depth: 1, digests: { 'lib/': '7777' } } },
  refreshPeriod: 3,
};

const [stage] = INPUTS.stages;
const packed = (json: unknown) => brotliCompressSync(typeof json === 'string' ? json : JSON.stringify(json)).toString('base64');

test.each([{ inputs: INPUTS, layers: ['sha256:1', 'sha256:2'] }, { inputs: INPUTS }, { layers: [], cacheFailed: true as const }, {}])('what the last build did comes back as it was, and is the same text', async (lastBuild) => {
  const text = await lastBuildToText(lastBuild);
  expect(await lastBuildFromText(text)).toEqual(lastBuild);
  expect(await lastBuildToText(await lastBuildFromText(text))).toBe(text);
});

test('only a build that says that its cache could not be written could not write it', async () => {
  for (const cacheFailed of [false, 1, 'true', null]) expect(await lastBuildFromText(packed({ version: 1, cacheFailed }))).toEqual({});
});

test('what is too large for a manifest is not kept', async () => {
  let random = 1;
  const next = () => (random = (random * 48271) % 2147483647).toString(36);
  const layers = Array.from({ length: 200_000 }, next);
  await expect(lastBuildToText({ layers })).rejects.toThrow('the image has too many files');
});

describe('what is no last build fails', () => {
  test.each([undefined, null, 5, {}, ['x'], 'x'.repeat(2 * 1024 * 1024)])('such as what is no text or too long', async (text) => {
    await expect(lastBuildFromText(text)).rejects.toThrow('it is something else');
  });

  test.each(['', 'x', 'not base64 at all!', Buffer.from('{"version":1}').toString('base64')])('such as %p, which is not compressed', async (text) => {
    await expect(lastBuildFromText(text)).rejects.toThrow();
  });

  test.each(['null', '1', '[]', '{}', '{"version":2}', '{"version":"1"}'])('such as %s, which is of another version', async (json) => {
    await expect(lastBuildFromText(packed(json))).rejects.toThrow(/it is of version .*, and this program of version 1/);
  });

  test('such as one that unfolds to more than any has', async () => {
    await expect(lastBuildFromText(packed(' '.repeat(9 * 1024 * 1024)))).rejects.toThrow();
  });

  test.each<[object, string]>([
    [{ layers: 'x' }, 'it does not say what the image is of'],
    [{ layers: [1] }, 'it does not say what the image is of'],
    [{ layers: {} }, 'it does not say what the image is of'],
    ...[
      'x', [], { ...INPUTS, others: 1 }, { ...INPUTS, stages: {} }, { ...INPUTS, stages: [null] }, { ...INPUTS, stages: [{ ...stage, lines: ['RUN'] }] },
      { ...INPUTS, stages: [{ ...stage, lines: [['RUN']] }] }, { ...INPUTS, stages: [{ ...stage, name: 1 }] }, { ...INPUTS, buildArgs: { A: 1 } },
      { ...INPUTS, baseImages: [] }, { ...INPUTS, files: { a: {} } }, { ...INPUTS, files: { a: { depth: -1, digests: {} } } }, { ...INPUTS, refreshPeriod: '1' },
    ].map((inputs): [object, string] => [{ inputs }, 'it does not say what the image was made from']),
  ])('such as one with %j', async (part, message) => {
    await expect(lastBuildFromText(packed({ version: 1, ...part }))).rejects.toThrow(message);
  });
});
