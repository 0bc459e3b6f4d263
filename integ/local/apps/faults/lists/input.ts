import * as fs from 'fs';
import * as path from 'path';
import { Fault } from '../fault';
import { FaultScene } from '../fault-scene';

function broken(what: string, happen: (scene: FaultScene) => void, says: string): Fault {
  return { phase: 'input', broken: what, happen, does: { result: 'fails' }, says: `ERROR: ${says}`, next: { result: 'built', cache: 'not used' }, within: 60 };
}

const plan = (scene: FaultScene) => path.join(scene.assembly.directory, 'image.json');
const changePlan = (scene: FaultScene, change: object) => fs.writeFileSync(plan(scene), JSON.stringify({ ...JSON.parse(fs.readFileSync(plan(scene), 'utf8')), ...change }));

/** What synthesis has made, and something between it and the build has broken. */
export const inputFaults: readonly Fault[] = [
  broken('the plan is missing', scene => fs.rmSync(plan(scene)), 'the input has no image.json: the build needs the cloud assembly of the very pipeline that it belongs to ...'),
  broken('the plan is truncated', scene => fs.truncateSync(plan(scene), 100), 'the plan image.json cannot be read ...: synthesize again'),
  broken('the plan has another version', scene => changePlan(scene, { version: 1 }), 'the plan image.json is of version 1, and this program of version ...: synthesize again, both come from the same synthesis'),
  broken('the plan has no tag', scene => changePlan(scene, { tag: undefined }), 'the cloud assembly does not say which commit it was made for, so \'image\' has no tag: ...'),
  broken('the context directory is missing', scene => fs.rmSync(scene.context, { recursive: true }), 'the input has no context, the context of \'image\'; run the pipeline from its synthesis again, ...'),
  broken('a file of the context is missing', scene => fs.rmSync(path.join(scene.context, 'src/app.py')), 'the context of \'image\' is not the one that was synthesized: src/app.py is missing; ...'),
  broken('a file of the context is truncated', scene => fs.truncateSync(path.join(scene.context, 'src/app.py'), 3),
    'the context of \'image\' is not the one that was synthesized: src/app.py is of 3 bytes instead of ...; ...'),
  broken('a file of the context has other contents', scene => fs.writeFileSync(path.join(scene.context, 'requirements.txt'), 'some\n'),
    'the context of \'image\' is not the one that was synthesized: files of context have other contents; ...'),
  broken('the context has an additional file', scene => fs.writeFileSync(path.join(scene.context, 'more'), ''), 'the context of \'image\' is not the one that was synthesized: more is not of it; ...'),
  broken('a directory of the context is a file', scene => {
    fs.rmSync(path.join(scene.context, 'src'), { recursive: true });
    fs.writeFileSync(path.join(scene.context, 'src'), '');
  }, 'the context of \'image\' is not the one that was synthesized: src/app.py is missing; ...'),
  broken('the settings of the step are truncated', scene => scene.settings = '{"version":', 'the environment variable ... holds no JSON ...; deploy the pipeline again, and set it nowhere else'),
];
