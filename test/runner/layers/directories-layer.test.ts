import { Readable } from 'stream';
import { gunzipSync } from 'zlib';
import { directoriesLayer } from '../../../runner/layers/directories-layer';
import { layerEntries, Ownership } from '../../../runner/layers/layer-entries';
import { digestOf, dir } from '../testhelpers/layers';

const MODES: [string, Ownership][] = [
  ['/tmp', { mode: 0o1777, uid: 0, gid: 0 }], ['/home/app', { mode: 0o2750, uid: 1000, gid: 1001 }], ['/home', { mode: 0o711, uid: 0, gid: 0 }],
];

async function list(directories: [string, Ownership][]) {
  return layerEntries(Readable.from([(await directoriesLayer(new Map(directories))).content]), true);
}

test('directories are as they have to be, those above first', async () => {
  expect(await list(MODES)).toEqual([
    dir('/home', { mode: 0o711 }), dir('/home/app', { mode: 0o2750, uid: 1000, gid: 1001 }), dir('/tmp', { mode: 0o1777 }),
  ]);
});

test('the same directories make the same layer, in whatever order they come and whenever', async () => {
  const [one, other] = [await directoriesLayer(new Map(MODES)), await directoriesLayer(new Map([...MODES].reverse()))];
  expect(one).toEqual(other);
  expect(one.digest).toBe(digestOf(one.content));
  expect(one.diffId).toBe(digestOf(gunzipSync(one.content)));
  expect(one.content.subarray(4, 8)).toEqual(Buffer.alloc(4)); // no time
});

test('owners may be as large as numbers of users are', async () => {
  const owners = [0o777777, 0o1000000, 0o7777777, 0o10000000, 4_294_967_294];
  const listed = await list(owners.map((uid, index) => [`/${index}`, { mode: 0o755, uid, gid: uid }]));
  expect(listed.map(({ uid, gid }) => [uid, gid])).toEqual(owners.map((uid) => [uid, uid]));
});

test('names may be long, and of any letters', async () => {
  const names = [`/${'a/'.repeat(200)}b`, `/${'x'.repeat(255)}`, '/ü b', '/__proto__'];
  expect((await list(names.map((name) => [name, { mode: 0o700, uid: 1, gid: 1 }]))).map(({ path }) => path).sort()).toEqual([...names].sort());
});

test('a directory that nobody may use at all is refused, since the archive would give it a mode', async () => {
  await expect(directoriesLayer(new Map([['/x', { mode: 0, uid: 0, gid: 0 }]]))).rejects.toThrow('/x has no mode at all');
});
