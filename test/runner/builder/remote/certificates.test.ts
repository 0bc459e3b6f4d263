import { checkValidity, readCertificates } from '../../../../runner/builder/remote/certificates';
import { Identity, TestAuthority } from '../../testhelpers/test-authority';

const DAY = 24 * 60 * 60 * 1000;

let authority: TestAuthority;
let client: Identity;

beforeAll(() => {
  authority = new TestAuthority();
  client = authority.issue();
});

afterAll(() => authority.remove());

const read = (env: { [name: string]: string | undefined } = {}) => readCertificates({
  BUILDKIT_CA: authority.cert, BUILDKIT_CERT: client.cert, BUILDKIT_KEY: client.key, ...env,
});

describe('certificates', () => {
  test('are read from the environment', () => {
    expect(read()).toEqual({ ca: authority.cert, ...client });
  });

  test.each([['spaces', ' '], ['a backslash and an n', '\\n'], ['those of Windows', '\r\n']])('are read though their line ends have become %s', (_, end) => {
    const typed = (text: string) => text.trim().replace(/\n/g, end);
    expect(read({ BUILDKIT_CA: typed(authority.cert + client.cert), BUILDKIT_CERT: typed(client.cert), BUILDKIT_KEY: typed(client.key) }))
      .toEqual({ ca: authority.cert + client.cert, ...client });
  });

  test.each(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY'])('may have a key that is called %s', (kind) => {
    const key = `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
    expect(read({ BUILDKIT_KEY: key }).key).toBe(key);
  });

  const NO_KEY = 'no private key in its field for it (keyField): put one without a password there, in PEM format';
  const NO_CA = 'no authority in its field for it (caField): put the certificate of the authority there, in PEM format';
  test.each([
    ['BUILDKIT_CA', undefined, NO_CA],
    ['BUILDKIT_CA', '', NO_CA],
    ['BUILDKIT_CA', '{"ca":"x"}', NO_CA],
    ['BUILDKIT_CERT', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'no client certificate in its field for it (certField): put one there, in PEM format'],
    ['BUILDKIT_KEY', '', NO_KEY],
    ['BUILDKIT_KEY', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', NO_KEY],
    ['BUILDKIT_KEY', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----', NO_KEY],
  ])('are missing when %s is %j', (name, value, message) => {
    expect(() => read({ [name]: value })).toThrow(`the secret of DockerBuilder.remote() has ${message}`);
  });
});

describe('a client certificate', () => {
  const valid = () => ({ ca: authority.cert, ...client });

  test('that is valid for longer is nothing to speak of', () => {
    expect(checkValidity(valid())).toBeUndefined();
    expect(checkValidity(valid(), Date.now() + 15 * DAY)).toBeUndefined();
  });

  test('is warned of two weeks before it expires', () => {
    expect(checkValidity(valid(), Date.now() + 17 * DAY)).toMatch(
      /^the client certificate of DockerBuilder\.remote\(\) expires on \w+ +\d+ [\d:]+ \d+ GMT, and builds fail from then on: put a new one and its key into the secret$/);
  });

  test('that has expired fails the build', () => {
    expect(() => checkValidity(valid(), Date.now() + 31 * DAY)).toThrow(/^the client certificate of DockerBuilder\.remote\(\) has expired, on \w+ .* GMT: put a new one and its key into the secret$/);
  });

  test('that cannot be read fails the build', () => {
    expect(() => checkValidity({ ...valid(), cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' })).toThrow('the client certificate of DockerBuilder.remote() cannot be read: ');
  });
});
