import { hasName, ownerInNumbers, userNames } from '../../../runner/layers/user-names';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
node:x:1000:1001::/home/node:/bin/sh

daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
node:x:2000:2000::/home/other:/bin/sh
broken:x:abc:5
short:x:7
+nis
big:x:4294967294:4294967294::/:`;
const GROUP = 'root:x:0:\nweb:x:33:node,daemon\nweb:x:34:\nodd:x:-5:\n';
const NAMES = userNames(PASSWD, GROUP);

test('users and groups are read, and nothing else of them', () => {
  expect(NAMES).toEqual({
    users: { root: [0, 0], node: [1000, 1001], daemon: [1, 1], big: [4_294_967_294, 4_294_967_294] },
    groups: { root: 0, web: 33 },
  });
});

test('an image may have none', () => {
  expect(userNames()).toEqual({ users: {}, groups: {} });
  expect(userNames('', '')).toEqual({ users: {}, groups: {} });
});

test('of several users with one name, the first one counts, even where its number is none', () => {
  expect(userNames('a:x:x:1\na:x:2:2\nb:x:3:3\nb:x:4:4').users).toEqual({ b: [3, 3] });
});

test('a user has the group of the user list, whose name may be that of none', () => {
  expect(ownerInNumbers('node', NAMES)).toBe('1000:1001');
});

test.each([
  ['node:web', '1000:33'],
  ['node:5', '1000:5'],
  ['node:root', '1000:root'],
  ['7:web', '7:33'],
  ['root:web', 'root:33'],
  ['big', '4294967294:4294967294'],
])('%s is %s', (owner, numbers) => {
  expect(ownerInNumbers(owner, NAMES)).toBe(numbers);
  expect(hasName(owner)).toBe(true);
});

test.each(['1000', '1000:1000', 'root', 'root:root', '0:root', 'root:5'])('%s names nobody that an image has to know, and stays as it is', (owner) => {
  expect(ownerInNumbers(owner, userNames())).toBe(owner);
  expect(hasName(owner)).toBe(false);
});

test.each(['nobody', 'node:nobody', 'nobody:web', '', ':web', 'node:', 'toString', '__proto__', 'constructor:constructor', 'short', 'broken', 'node:odd', '-1', '12345678901'])('%p is not known', (owner) => {
  expect(ownerInNumbers(owner, NAMES)).toBeUndefined();
  expect(hasName(owner)).toBe(true);
});

test('what a variable says is not known here', () => {
  expect(['$USER', '1000:${GROUP}', 'node:$GROUP'].map(hasName)).toEqual([false, false, false]);
});

test('names of objects are names of users like others', () => {
  const names = userNames('constructor:x:1:2\n__proto__:x:3:4', 'toString:x:5:');
  expect(ownerInNumbers('constructor:toString', names)).toBe('1:5');
  expect(ownerInNumbers('__proto__', names)).toBeUndefined();
  expect(Object.getPrototypeOf(names.users)).toBe(Object.prototype);
});
