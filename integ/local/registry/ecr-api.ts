import { Registry } from './registry';
import { AwsEndpoint } from '../aws/endpoint';

/** Lets the API of Amazon ECR tell what the registry has. */
export function answerForEcr(aws: AwsEndpoint, registry: Registry): void {
  const failure = (name: string) => Object.assign(new Error(name), { name });
  aws.answer('ecr', 'DescribeRepositories', async ({ repositoryNames: [repositoryName] }, caller) => {
    if (!registry.hasRepository(caller, repositoryName)) throw failure('RepositoryNotFoundException');
    return { repositories: [{ repositoryName, repositoryUri: `${Registry.ecrHost(caller)}/${repositoryName}` }] };
  });
  aws.answer('ecr', 'DescribeImages', async ({ repositoryName, imageIds: [{ imageTag }] }, caller) => {
    if (!(await registry.tags(Registry.ecrHost(caller), repositoryName)).includes(imageTag)) throw failure('ImageNotFoundException');
    return { imageDetails: [{ repositoryName, imageTags: [imageTag] }] };
  });
}
