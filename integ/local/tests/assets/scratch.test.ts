import * as fs from 'fs';
import * as path from 'path';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { AssetApp, expectPublished } from '../../apps/asset-app';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { parts } from '../../parts/parts';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

test('x', async () => {
  const lab = await Lab.start();
  await (await baseImages.lambdaPython({ dependencies: 20 })).publish(lab.registry, 'public.ecr.aws/lambda/python:3.11');
  const app = new AssetApp(lab, { name: 'Scratch', stack: (scope, contexts) => { new DockerImageAsset(scope, 'Image', { directory: path.join(contexts, 'image') }); } });
  app.write('image/Dockerfile', 'FROM public.ecr.aws/lambda/python:3.11\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt -t .\nCOPY src ./\nCMD ["app.handler"]\n');
  app.write('image/requirements.txt', 'big-numbers==1.0.0\n');
  const bin = freshDirectory('wrappers');
  for (let i = 0; i < 5; i++) {
    const trace = path.join(freshDirectory('trace'), 'trace');
    const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
    for (const [name, file] of Object.entries({
      'node': path.join(parts.node, 'node'), 'docker': engine.client, 'dockerd': path.join(path.dirname(engine.client), '../sbin/dockerd'), 'aws': path.join(parts.python, 'aws'), 'docker-credential-ecr-login': path.join(parts.bin, 'docker-credential-ecr-login'),
    })) fs.writeFileSync(path.join(bin, name), `#!/bin/bash\ns=$EPOCHREALTIME\n${file} "$@"; rc=$?\necho "$s $EPOCHREALTIME ${name} $*" >> ${trace}\nexit $rc\n`, { mode: 0o755 });
    app.write('image/src/app.py', `MARKER = ${i}\n`);
    const t0 = Date.now() / 1000;
    const lines: string[] = [];
    const done = expectPublished(await app.publish({ buildKit: null, environment: { PATH: [bin, engine.environment.PATH].join(':') }, onLine: line => lines.push(`${(Date.now() / 1000 - t0).toFixed(2)} ${line}`) }));
    if (i > 2) {
      console.log(lines.filter(l => !/ #|SDK|verbose.*(debug|check)/.test(l)).map(l => l.slice(0, 180)).join('\n'));
      console.log(done.seconds, fs.readFileSync(trace, 'utf8').trim().split('\n').sort().map(line => { const [s, e, ...r] = line.split(' '); return `${(Number(s) - t0).toFixed(2)} ${(Number(e) - Number(s)).toFixed(2)} ${r.join(' ').slice(0, 140)}`; }).join('\n'));
    }
    await engine.wipe();
  }
  await lab.stop();
});
