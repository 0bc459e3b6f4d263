import { ExampleBuild } from './example-app';
import { imageFile } from '../images/image-file';
import { expectSuccess } from '../machine/code-build';
import { Lab } from '../world/lab';

/** Whether the build went well, and its image is one that Lambda takes and holds the source with this marker. */
export async function expectImage(lab: Lab, build: ExampleBuild, marker: string): Promise<void> {
  expectSuccess(build);
  const { mediaType, digest, manifest } = await lab.registry.manifest(build.image);
  expect(mediaType).toMatch(/^application\/vnd\.(oci\.image\.manifest\.v1|docker\.distribution\.manifest\.v2)\+json$/);
  expect(digest).toBe(build.exported.IMAGE_DIGEST_0);
  expect(manifest.layers.map((layer: { mediaType: string }) => layer.mediaType).filter((type: string) => !/[+.]gzip$/.test(type))).toEqual([]);
  expect((await imageFile(lab.registry, build.image, manifest, 'var/task/app.py')).toString()).toContain(`'${marker}'`);
}
