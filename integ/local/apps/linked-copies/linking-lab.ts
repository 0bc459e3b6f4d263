import { BuildKit } from '../../engines/build-kit';
import { publishStandIns, standInHosts } from '../../images/stand-ins';
import { HttpsFront } from '../../registry/https-front';
import { Registry } from '../../registry/registry';
import { BuildTools } from '../planned-images';

/** What builds of many small images need: a registry with the base images, and one BuildKit for all at a time. */
export class LinkingLab implements BuildTools {
  public static async start(): Promise<LinkingLab> {
    const ecr = { account: '111111111111', region: 'eu-west-1' };
    const front = await HttpsFront.start();
    const registry = await Registry.start({ front, ecr: [ecr], open: standInHosts });
    registry.createRepository(ecr, 'images');
    await front.serve('downloads.example.test', (_, response) => void response.end('downloaded\n'));
    const buildKit = await BuildKit.fresh({ isInMemory: true });
    await publishStandIns(registry, buildKit);
    return new LinkingLab(front, registry, ecr, buildKit);
  }

  private constructor(private readonly front: HttpsFront, public readonly registry: Registry, public readonly ecr: BuildTools['ecr'], public buildKit: BuildKit) {}

  /** What is built from now on is built where nothing was built before, as each build of CodeBuild is. */
  public async takeNewMachine(): Promise<void> {
    await this.buildKit.wipe();
    this.buildKit = await BuildKit.fresh({ isInMemory: true });
  }

  public async stop(): Promise<void> {
    await this.buildKit.wipe();
    await this.registry.stop();
    await this.front.stop();
  }
}
