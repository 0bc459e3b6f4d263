import { proxyFor } from '../../../runner/registry/proxy';

const before = process.env;

beforeEach(() => { process.env = {}; });

afterAll(() => { process.env = before; });

const ECR = 'https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/';

test('there is none by default', () => {
  expect(proxyFor(ECR)).toBeUndefined();
});

test.each([
  ['http://proxy:3128', 'http://proxy:3128'],
  ['https://proxy:3128', 'https://proxy:3128'],
  ['proxy:3128', 'http://proxy:3128'],
])('%s is %s', (given, expected) => {
  process.env.HTTPS_PROXY = given;
  expect(proxyFor(ECR)).toBe(expected);
});

test('one for HTTP alone is not one for HTTPS', () => {
  process.env.HTTP_PROXY = 'http://proxy:3128';
  expect(proxyFor(ECR)).toBeUndefined();
});

test.each(['amazonaws.com', '.amazonaws.com', '*.amazonaws.com', 'x.example.com,amazonaws.com', 'x.example.com amazonaws.com', 'AMAZONAWS.com', '*', '123456789012.dkr.ecr.eu-central-1.amazonaws.com'])(
  'NO_PROXY=%s lets Amazon ECR be asked directly', (names) => {
    process.env.HTTPS_PROXY = 'http://proxy:3128';
    process.env.NO_PROXY = names;
    expect(proxyFor(ECR)).toBeUndefined();
  });

test.each(['', 'aws.com', 'example.com', '169.254.169.254', ',', 'ecr.eu-central-1'])('NO_PROXY=%s does not', (names) => {
  process.env.HTTPS_PROXY = 'http://proxy:3128';
  process.env.NO_PROXY = names;
  expect(proxyFor(ECR)).toBe('http://proxy:3128');
});
