import { ecrPassword } from '../../registry/ecr-password';
import { repositoryName } from '../../registry/image-name';
import { RegistryClient } from '../../registry/registry-client';
import { reasonOf } from '../../report/failure';
import { BuilderContext } from '../builder';

/** Why the cache cannot be read, if so: to kaniko, one that denies access looks like an empty one, so it is asked for a layer that nobody has. */
export async function checkKanikoCache({ cache, env }: BuilderContext): Promise<string | undefined> {
  const [repository] = cache.repositories;
  if (repository === undefined) return undefined;
  const name = repositoryName(repository);
  const { password, reason } = await ecrPassword(name.host, env);
  if (password === undefined) return `there is no password for ${name.host}: ${reason}`;
  try {
    await new RegistryClient(name, `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`).manifest('none');
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
