import { Annotations, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { BoundCache } from '../cache/cache-request';
import { CachedDockerImage } from '../image/cached-docker-image';
import { RegistryAccess } from '../registry/registry-access';

/** Warns of repositories and registries whose policies cannot be changed from here. */
export function warnOfForeignAccounts(id: string, pipeline: IConstruct, image: CachedDockerImage, cache: BoundCache,
  registries: RegistryAccess[]): void {
  const { account } = Stack.of(pipeline); // where the build runs, whatever the stack of the image
  const foreign = (owners: string[]) => [...new Set(owners)].filter((owner) => Token.compareStrings(owner, account) === TokenComparison.DIFFERENT);
  for (const owner of foreign([image._identity.account, cache.repository?.env.account ?? account])) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:repositoryPolicy',
      `'${id}' pushes to a repository of account ${owner}, whose policy cannot be changed from here; its owner has to let account ${account} pull and push`);
  }
  for (const owner of foreign(registries.map((registry) => registry.account ?? account))) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:registryPolicy',
      `'${id}' takes base images from a mirror of account ${owner}, whose policies cannot be changed from here; its owner has to let account ${account} pull, in the policies of the repositories,`
      + ' and for a pull-through cache import images and make repositories, in the policy of the registry');
  }
}
