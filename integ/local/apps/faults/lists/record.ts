import { brotliCompressSync } from 'zlib';
import { Fault } from '../fault';
import { asked, drop, refuse, silent } from '../fault-effects';
import { FaultScene } from '../fault-scene';

const SAYS = 'WARNING: the record of the last build, cache-image_record, cannot be read, so this build may be slower: ...';

const record = (scene: FaultScene) => scene.stored('cache-image_record');

function unread(broken: string, happen: (scene: FaultScene) => unknown, more: Partial<Fault> = {}): Fault {
  return {
    phase: 'record',
    broken,
    isSecondBuild: true,
    happen: async scene => void await happen(scene),
    does: { result: 'built', cache: 'used' },
    says: SAYS,
    next: { result: 'built', cache: 'used' },
    within: 60,
    ...more,
  };
}

const written = (broken: string, content: Buffer | string) => unread(broken, scene => record(scene).replaceFirstLayer(Buffer.from(content)));

export const recordFaults: readonly Fault[] = [
  unread('500 for the record, always', scene => scene.fault(asked.record, refuse(500))),
  unread('the role may not read the record', scene => scene.fault(asked.record, refuse(403))),
  unread('the connection is always closed', scene => scene.fault(asked.record, drop)),
  unread('the content of the record is missing', async scene => {
    scene.fault({ method: /GET/, url: new RegExp((await record(scene).layers())[0]) }, refuse(404, 'BLOB_UNKNOWN'));
  }),
  unread('no answer for the record', scene => scene.fault(asked.record, silent), { within: 150 }),
  unread('the content of the record stalls', async scene => {
    scene.fault({ method: /GET/, url: new RegExp((await record(scene).layers())[0]) }, { kind: 'stall', after: 20 });
  }, { within: 90 }),
  written('the record is not JSON', 'what is this?'),
  written('the record is an HTML page', brotliCompressSync('<html>503</html>')),
  written('the record has another version', brotliCompressSync('{"version":99,"layers":{},"destinations":{}}')),
  written('the record has invalid file trees', brotliCompressSync(
    '{"version":1,"layers":{},"destinations":{},"below":{"layers":[],"paths":["/"],"names":{"users":{},"groups":{}},"tree":[1,2]}}')),
  written('the record is too large when decompressed', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))),
  unread('the record is truncated', async scene => {
    const whole = await record(scene).firstLayer();
    await record(scene).replaceFirstLayer(whole.subarray(0, whole.length / 2));
  }),
  unread('the tag of the record points to an image', scene => record(scene).pointAt('source-first-one')),
  unread('the record is deleted', scene => record(scene).remove(), { says: undefined }),
];
